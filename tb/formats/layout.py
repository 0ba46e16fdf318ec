"""Words of a tile as the fields of the contract, and back: to look into tiles, and to spoil them.

Written from ``rtl/formats/README.md`` alone, without the models, so that a fault in a model's
packing is found here: ``parse`` of what a model packed, packed again, must give the same words.

    >>> parameters = {"WordWidth": 32, "ValueWidth": 8, "TileRows": 2, "TileCols": 4, "RunWidth": 4}
    >>> encoded = parse("rle", parameters, [2, 0x0_07_3_05])
    >>> [(f.name, f.entry, f.value) for f in encoded.fields]
    [('value', 0, 5), ('run', 0, 3), ('value', 1, 7), ('run', 1, 0)]
    >>> encoded.change("run", 1, 2).words() == [2, 0x2_07_3_05]
    True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

Parameters = Mapping[str, int]
MAX_LENGTH = 16  # of a Huffman code
LENGTH_WIDTH = 16  # bits of each number of codes
PERIOD_WIDTH = 8


def bits(number: int) -> int:
    """Bits of an index below ``number``, at least 1."""
    return max(1, (number - 1).bit_length())


@dataclass(frozen=True)
class Field:
    """One field: ``entry`` as ``count`` counts (pointers and tables: index in their list).

    ``offset`` is the first bit in the payload (-1 in a field that was made by hand).
    """

    name: str
    entry: int
    value: int
    width: int
    offset: int = -1


@dataclass(frozen=True)
class EncodedTile:
    """Header and fields of a tile, to be changed and packed."""

    width: int
    header: int
    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        """Bits of the payload."""
        return sum(field.width for field in self.fields)

    def find(self, name: str, entry: int | None = None) -> list[int]:
        """Positions of the fields of a name (and entry) in the list."""
        return [
            at
            for at, field in enumerate(self.fields)
            if field.name == name and entry in (None, field.entry)
        ]

    def values(self, name: str) -> list[int]:
        """Values of all fields of a name, in order."""
        return [field.value for field in self.fields if field.name == name]

    def value(self, name: str, entry: int) -> int:
        """Value of the first field of a name and entry."""
        return self.fields[self.find(name, entry)[0]].value

    def change(self, name: str, entry: int, value: int, which: int = 0) -> EncodedTile:
        """Another value in one field (``which`` of those of the same name and entry)."""
        at = self.find(name, entry)[which]
        old = self.fields[at]
        if not 0 <= value < 1 << old.width:
            raise ValueError(f"{name}[{entry}]: {value} does not fit into {old.width} bits")
        fields = (*self.fields[:at], replace(old, value=value), *self.fields[at + 1 :])
        return replace(self, fields=fields)

    def counted(self, count: int) -> EncodedTile:
        """Another header."""
        return replace(self, header=count)

    def words(self, tail: int = 0) -> list[int]:
        """Header and payload; ``tail`` goes into the bits behind the payload."""
        total, offset = 0, 0
        for field in self.fields:
            total |= field.value << offset
            offset += field.width
        total |= tail << offset
        number = -(-offset // self.width)
        mask = (1 << self.width) - 1
        return [self.header, *((total >> self.width * i) & mask for i in range(number))]


class _Reader:
    """Takes fields off a payload."""

    def __init__(self, words: list[int], width: int):
        self._payload = sum(word << width * i for i, word in enumerate(words))
        self._size = width * len(words)
        self.fields: list[Field] = []
        self.at = 0

    def take(self, name: str, entry: int, width: int) -> int:
        """Read one field; ValueError behind the end."""
        if self.at + width > self._size:
            raise ValueError(f"{name}[{entry}]: the payload ends before it")
        value = (self._payload >> self.at) & ((1 << width) - 1)
        self.fields.append(Field(name, entry, value, width, self.at))
        self.at += width
        return value

    def peek(self) -> int:
        """The next bit."""
        return (self._payload >> self.at) & 1


def parse(kind: str, parameters: Parameters, words: list[int]) -> EncodedTile:
    """Fields of a good tile; ValueError where it is too short to have them all."""
    width = parameters["WordWidth"]
    reader = _Reader(words[1:], width)
    LAYOUTS[kind](reader, words[0], parameters)
    return EncodedTile(width, words[0], tuple(reader.fields))


def _sizes(p: Parameters) -> tuple[int, int, int]:
    return p["ValueWidth"], p["TileRows"], p["TileCols"]


def _dense(reader: _Reader, count: int, p: Parameters) -> None:
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])


def _masked(reader: _Reader, p: Parameters, elements: int, size: int) -> None:
    """Masks of WordWidth elements, ``size`` values for each bit that is set."""
    entry = 0
    for chunk in range(-(-elements // p["WordWidth"])):
        mask = reader.take("mask", chunk, p["WordWidth"])
        for _ in range(mask.bit_count()):
            for _ in range(size):
                reader.take("value", entry, p["ValueWidth"])
            entry += 1


def _bitmap(reader: _Reader, count: int, p: Parameters) -> None:
    _masked(reader, p, p["TileRows"] * p["TileCols"], 1)


def _blockmap(reader: _Reader, count: int, p: Parameters) -> None:
    size = p["BlockRows"] * p["BlockCols"]
    _masked(reader, p, p["TileRows"] * p["TileCols"] // size, size)


def _rle(reader: _Reader, count: int, p: Parameters) -> None:
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])
        reader.take("run", entry, p["RunWidth"])


def _pointers(reader: _Reader, lines: int, p: Parameters) -> None:
    for line in range(lines + 1):
        reader.take("ptr", line, p["PtrWidth"])


def _csr(reader: _Reader, count: int, p: Parameters) -> None:
    _pointers(reader, p["TileRows"], p)
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])
        reader.take("col", entry, bits(p["TileCols"]))


def _csc(reader: _Reader, count: int, p: Parameters) -> None:
    _pointers(reader, p["TileCols"], p)
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])
        reader.take("run", entry, p["IdxWidth"])


def _coo(reader: _Reader, count: int, p: Parameters) -> None:
    value, rows, cols = _sizes(p)
    for entry in range(count):
        reader.take("value", entry, value)
        reader.take("col", entry, bits(cols))
        reader.take("row", entry, bits(rows))


def _bsr(reader: _Reader, count: int, p: Parameters) -> None:
    value, rows, cols = _sizes(p)
    _pointers(reader, rows // p["BlockRows"], p)
    for entry in range(count):
        reader.take("bcol", entry, bits(cols // p["BlockCols"]))
        for _ in range(p["BlockRows"] * p["BlockCols"]):
            reader.take("value", entry, value)


def _ell(reader: _Reader, count: int, p: Parameters) -> None:
    value, rows, cols = _sizes(p)
    for entry in range(rows * count):
        reader.take("value", entry, value)
        reader.take("col", entry, bits(cols))


def _nm(reader: _Reader, count: int, p: Parameters) -> None:
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])
        reader.take("pos", entry, bits(p["GroupM"]))


def canonical(lengths: list[int]) -> list[tuple[int, int]]:
    """(code, length) of each symbol of a canonical table, in order.

    ``lengths[l - 1]`` codes have length ``l``; the first bit of a code is its highest.

    >>> canonical([1, 1, 2])
    [(0, 1), (2, 2), (6, 3), (7, 3)]
    """
    codes, code = [], 0
    for length, number in enumerate(lengths, 1):
        for _ in range(number):
            codes.append((code, length))
            code += 1
        code <<= 1
    return codes


def symbol_width(p: Parameters) -> int:
    """Bits of a Huffman symbol."""
    return p["ValueWidth"] + p.get("RunWidth", 0)


def _huffman(reader: _Reader, count: int, p: Parameters) -> None:
    lengths = [reader.take("length", i, LENGTH_WIDTH) for i in range(MAX_LENGTH)]
    for symbol in range(sum(lengths)):
        reader.take("symbol", symbol, symbol_width(p))
    known = {code: at for at, code in enumerate(canonical(lengths))}
    for entry in range(count):
        start, code, length = reader.at, 0, 0
        while (code, length) not in known:
            if length == MAX_LENGTH:
                raise ValueError(f"code[{entry}]: no such code")
            code, length = code << 1 | reader.peek(), length + 1
            reader.at += 1
        reader.at = start
        reader.take("code", entry, length)


def _periodic(reader: _Reader, count: int, p: Parameters) -> None:
    period = reader.take("period", 0, PERIOD_WIDTH)
    at = 0
    for pattern in range(period):
        for _ in range(reader.take("size", pattern, bits(p["Kss"] + 1))):
            reader.take("pos", at, bits(p["TileCols"]))
            at += 1
    for entry in range(count):
        reader.take("value", entry, p["ValueWidth"])


def _codebook(reader: _Reader, count: int, p: Parameters) -> None:
    for at in range(p["RegionsRow"] * p["RegionsCol"] << p["CodeWidth"]):
        reader.take("table", at, p["ValueWidth"])
    INNER[p["Inner"]](reader, count, {**p, "ValueWidth": p["CodeWidth"]})


LAYOUTS: dict[str, Callable[[_Reader, int, Parameters], None]] = {
    "dense": _dense,
    "bitmap": _bitmap,
    "blockmap": _blockmap,
    "rle": _rle,
    "csr": _csr,
    "csc": _csc,
    "coo": _coo,
    "bsr": _bsr,
    "ell": _ell,
    "nm": _nm,
    "huffman": _huffman,
    "periodic": _periodic,
    "codebook": _codebook,
}
INNER = (_dense, _bitmap, _rle)
INNER_NAMES = ("dense", "bitmap", "rle")


def reversed_bits(code: int, length: int) -> int:
    """A code as its field holds it: first bit lowest.

    >>> reversed_bits(0b110, 3)
    3
    """
    return int(f"{code:0{length}b}"[::-1], 2)


def build(kind_width: int, header: int, fields: Iterator[tuple[str, int, int, int]]) -> EncodedTile:
    """An encoded tile from (name, entry, value, width)."""
    return EncodedTile(kind_width, header, tuple(Field(*field) for field in fields))
