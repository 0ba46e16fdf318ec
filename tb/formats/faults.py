"""Injected faults: streams with one fault each, for every code that a format can have.

``faults(kind, name)`` gives a generator ``(parameters, good tiles) -> tiles or words`` that makes
them out of good tiles by changing single fields. The bench asks the model what each must give and
asserts that it is the code that was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise, product

from tb.formats import hand_made
from tb.formats.kinds import Kind
from tb.formats.layout import INNER_NAMES, EncodedTile, Parameters, bits, symbol_width

CODES = {
    "header": 1,
    "short": 2,
    "long": 3,
    "index": 4,
    "order": 5,
    "placeholder": 6,
    "code": 7,
    "pointer": 8,
    "padding": 9,
    "count": 10,
}

Words = list[int]
Maker = Callable[[Parameters, EncodedTile], Iterator[Words]]


def entry_layout(kind: Kind, p: Parameters) -> str:
    """What the entries of a tile look like: the format's name, or that of the inner format."""
    return INNER_NAMES[p["Inner"]] if kind.name == "codebook" else kind.name


def _most(kind: Kind, p: Parameters) -> tuple[int, bool]:
    """(largest count, whether it is the only one)."""
    size = p["TileRows"] * p["TileCols"]
    layout = entry_layout(kind, p)
    if layout in ("blockmap", "bsr"):
        return size // (p["BlockRows"] * p["BlockCols"]), False
    if layout == "nm":
        return size // p["GroupM"] * p["GroupN"], True
    if layout == "periodic":
        return p["TileRows"] * p["Kss"], False
    if layout == "ell":
        return p["TileCols"], False
    return size, layout == "dense" or (layout == "huffman" and not p["RunWidth"])


def header(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Bits above the count, a count that the tile cannot have; also without any payload."""
    words = good.words()
    for bit in (32, 33, p["WordWidth"] - 1):
        if 32 <= bit < p["WordWidth"]:
            yield [words[0] | 1 << bit, *words[1:]]
    most, only = _most(kind, p)
    for count in (most + 1, 1 << 31, 0xFFFF_FFFF, *([most - 1] if only else [])):
        yield [count, *words[1:]]
        yield [count]
    if kind.name == "periodic":
        yield good.change("period", 0, 0).words()


def short(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """The last word comes early, at every word."""
    words = good.words()
    for length in range(1, len(words)):
        yield words[:length]


def long(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Words behind the payload, zero or not."""
    words, ones = good.words(), (1 << p["WordWidth"]) - 1
    for more in ([0], [ones], [0, ones, 0], [ones] * 20):
        yield words + more


def padding(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Single bits behind the payload."""
    free = -good.size % p["WordWidth"]
    for bit in sorted({0, free // 2, free - 1} & set(range(free))):
        yield good.words(1 << bit)


def _rle_entries(good: EncodedTile) -> list[tuple[int, int, bool]]:
    """(entry, first element that its run may cover, whether it is the last)."""
    runs = good.values("run")
    starts = [sum(runs[:entry]) + entry for entry in range(len(runs))]
    return [(entry, start, entry == len(runs) - 1) for entry, start in enumerate(starts)]


def _lines(p: Parameters, good: EncodedTile) -> list[range]:
    """Entries of each line, from the pointers."""
    return [range(a, b) for a, b in pairwise(good.values("ptr"))]


def index_rle(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A run that passes the end of the tile."""
    size, most = p["TileRows"] * p["TileCols"], (1 << p["RunWidth"]) - 1
    for entry, start, last in _rle_entries(good):
        if start + most >= size:
            yield good.change("run", entry, most).words()
            if start + most > size - 1 and last:
                yield good.change("run", entry, most).change("value", entry, 0).words()


def index_csc(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A run that passes the end of the column."""
    runs, most = good.values("run"), (1 << p["IdxWidth"]) - 1
    for line in _lines(p, good):
        if line:
            start = sum(runs[e] + 1 for e in line) - runs[line[-1]] - 1
            if start + most >= p["TileRows"]:
                yield good.change("run", line[-1], most).words()


def _past(name: str, limit: Callable[[Parameters], int]) -> Callable[..., Iterator[Words]]:
    """A coordinate past the tile, where its field has room; ELLPACK: in unused slots too."""

    def make(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
        top = limit(p)
        for at in (good.find(name)[:1] + good.find(name)[-1:]) if good.find(name) else []:
            field = good.fields[at]
            for value in {top, (1 << field.width) - 1}:
                if top <= value < 1 << field.width:
                    yield good.change(name, field.entry, value).words()

    return make


def index_mask(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A bit of the last mask past the tile."""
    size = p["TileRows"] * p["TileCols"]
    if kind.name == "blockmap":
        size //= p["BlockRows"] * p["BlockCols"]
    chunks = good.values("mask")
    used = size % p["WordWidth"]
    for bit in {used, p["WordWidth"] - 1} if used else ():
        yield good.change("mask", len(chunks) - 1, chunks[-1] | 1 << bit).words()


def index_huffman(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A run-length symbol whose run passes the tile."""
    if p["RunWidth"]:
        size, most = p["TileRows"] * p["TileCols"], (1 << p["RunWidth"]) - 1
        entry, far = 1, 1 | most << p["ValueWidth"]
        for steps in (size // (most + 1), 0):
            tail = size - steps * (most + 1)
            symbols = [far] * steps + [entry] * (tail - most if tail > most else 0) + [far]
            if steps * (most + 1) + (len(symbols) - steps - 1) + most >= size:
                yield hand_made.huffman(p, symbols, [(entry, 1), (far, 1)]).words()


def order_lines(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """CSR, BSR: a column that does not rise within its row; also with a value of zero."""
    name = "bcol" if kind.name == "bsr" else "col"
    for line in _lines(p, good):
        for before, entry in pairwise(line):
            value = good.value(name, before)
            yield good.change(name, entry, value).words()
            yield good.change(name, entry, value).change("value", entry, 0).words()
            if value:
                yield good.change(name, entry, value - 1).words()


def order_coo(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Coordinates that do not rise: the same again, the row before, the column before."""
    for entry in range(1, good.header):
        row, col = good.value("row", entry - 1), good.value("col", entry - 1)
        yield good.change("row", entry, row).change("col", entry, col).words()
        if row:
            yield good.change("row", entry, row - 1).words()
        if col:
            yield good.change("row", entry, row).change("col", entry, col - 1).words()


def order_ell(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A column that does not rise within its row."""
    for row in range(p["TileRows"]):
        for slot in range(row * good.header + 1, (row + 1) * good.header):
            if good.value("value", slot):
                col = good.value("col", slot - 1)
                yield good.change("col", slot, col).words()


def order_nm(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Positions that do not rise within their group, repeated ones among them."""
    for slot in range(good.header):
        if slot % p["GroupN"]:
            before = good.value("pos", slot - 1)
            yield good.change("pos", slot, before).words()
            if before:
                yield good.change("pos", slot, before - 1).words()


def order_periodic(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Positions that do not rise within their pattern, also as the first of a word."""
    width, size, pos = p["WordWidth"], bits(p["Kss"] + 1), bits(p["TileCols"])
    for patterns in range(1, p["TileRows"] + 1) if p["Kss"] > 1 else ():
        if (8 + patterns * (size + pos) + (patterns - 1) * pos) % width == 0:
            yield hand_made.periodic(p, [[0, 1]] * (patterns - 1) + [[1, 1]], [1]).words()
    begins = {0, *accumulate(good.values("size"))}
    for at in set(range(len(good.find("pos")))) - begins:
        yield good.change("pos", at, good.value("pos", at - 1)).words()


def index_periodic(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A position past the row, a pattern of too many positions."""
    yield from _past("pos", lambda p: p["TileCols"])(kind, p, good)
    yield from _past("size", lambda p: p["Kss"] + 1)(kind, p, good)


def count_periodic(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """One value fewer or more than the rows take, also with all the bits that are announced."""
    count, most = good.header, p["TileRows"] * p["Kss"]
    for wrong in {count - 1, count + 1, 0, most} - {count}:
        if 0 <= wrong <= most:
            yield good.counted(wrong).words()
            yield [*good.counted(wrong).words(), (1 << p["WordWidth"]) - 1]


def placeholder_rle(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A zero value without the full run; a placeholder as the last entry."""
    size, most = p["TileRows"] * p["TileCols"], (1 << p["RunWidth"]) - 1
    for entry, start, last in _rle_entries(good):
        if good.value("run", entry) != most:
            yield good.change("value", entry, 0).words()
        if last and start + most < size:
            yield good.change("value", entry, 0).change("run", entry, most).words()


def placeholder_csc(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """The same, within columns."""
    runs, most = good.values("run"), (1 << p["IdxWidth"]) - 1
    for line in _lines(p, good):
        for entry in line:
            if runs[entry] != most:
                yield good.change("value", entry, 0).words()
        if line:
            start = sum(runs[e] + 1 for e in line) - runs[line[-1]] - 1
            if start + most < p["TileRows"]:
                last = line[-1]
                yield good.change("value", last, 0).change("run", last, most).words()


def placeholder_zero(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A zero where only non-zeros are stored."""
    for entry in range(good.header):
        yield good.change("value", entry, 0).words()


def placeholder_ell(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A used slot behind an empty one, or behind a row of them; a column in an empty slot."""
    for slot in range(len(good.find("value"))):
        inside = slot % good.header < good.header - 1
        if inside and good.value("value", slot) and good.value("value", slot + 1):
            yield good.change("value", slot, 0).change("col", slot, 0).words()
        if not good.value("value", slot) and p["TileCols"] > 1:
            yield good.change("col", slot, 1).words()
    for slot in range(good.header - 1, len(good.find("value")), max(1, good.header)):
        if good.header > 1 and not good.value("value", slot - 1):
            yield good.change("value", slot, 1).change("col", slot, p["TileCols"] - 1).words()


def placeholder_huffman(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A symbol with value zero that is no placeholder, or comes last."""
    if p["RunWidth"]:
        size, most = p["TileRows"] * p["TileCols"], (1 << p["RunWidth"]) - 1
        yield hand_made.huffman(p, [1, 0, 1], [(0, 1), (1, 1)]).words()
        full = most << p["ValueWidth"]
        if most + 2 <= size:
            yield hand_made.huffman(p, [1, full], [(1, 1), (full, 1)]).words()


def code_huffman(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """Bits that are no code, as the first, an inner and the last symbol, and as the last bits of a
    word; a table too full."""
    count = good.header if not p["RunWidth"] else min(3, p["TileRows"] * p["TileCols"])
    for at in sorted({0, count // 2, count - 1}):
        symbols = [1] * at + [-1] + [1] * (count - at - 1)
        yield hand_made.huffman(p, symbols, [(1, 2)]).words()
    for at, length in product(range(count), range(1, 16)):
        tile = hand_made.huffman(p, [1] * at + [-1], [(1, length)], count)
        if tile.size % p["WordWidth"] == 0:
            yield tile.words()
            break
    if symbol_width(p) > 1:
        symbols = [1] * count
        yield hand_made.huffman(p, symbols, [(1, 1), (2, 1), (3, 1)]).words()
        yield hand_made.huffman(p, symbols, [(1, 1), (2, 1), (3, 16)]).words()


def code_codebook(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A region whose code 0 is not zero."""
    for region in range(p["RegionsRow"] * p["RegionsCol"]):
        for value in (1, 1 << (p["ValueWidth"] - 1)):
            yield good.change("table", region << p["CodeWidth"], value).words()


def pointer(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """The first not 0, one that falls, one above the count, the last not the count."""
    pointers, count, top = good.values("ptr"), good.header, (1 << p["PtrWidth"]) - 1
    yield good.change("ptr", 0, 1).words()
    for line, (before, here) in enumerate(pairwise(pointers), 1):
        if before:
            yield good.change("ptr", line, before - 1).words()
        if here <= count < top:
            yield good.change("ptr", line, count + 1).words()
            yield good.change("ptr", line, top).words()
    if pointers[-1]:
        yield good.change("ptr", len(pointers) - 1, pointers[-1] - 1).words()


def count_masks(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """More or fewer ones than the header says."""
    if good.header:
        yield good.counted(good.header - 1).words()
        yield good.counted(0).words()
    if good.header < _most(kind, p)[0]:
        yield good.counted(good.header + 1).words()


_FRAME = {"header": header, "short": short, "long": long, "padding": padding}
_OWN: dict[str, dict[str, Callable[..., Iterator[Words]]]] = {
    "dense": {},
    "bitmap": {"index": index_mask, "placeholder": placeholder_zero, "count": count_masks},
    "blockmap": {"index": index_mask, "count": count_masks},
    "rle": {"index": index_rle, "placeholder": placeholder_rle},
    "csr": {
        "index": _past("col", lambda p: p["TileCols"]),
        "order": order_lines,
        "placeholder": placeholder_zero,
        "pointer": pointer,
    },
    "csc": {"index": index_csc, "placeholder": placeholder_csc, "pointer": pointer},
    "bsr": {
        "index": _past("bcol", lambda p: p["TileCols"] // p["BlockCols"]),
        "order": order_lines,
        "pointer": pointer,
    },
    "ell": {
        "index": _past("col", lambda p: p["TileCols"]),
        "order": order_ell,
        "placeholder": placeholder_ell,
    },
    "nm": {"index": _past("pos", lambda p: p["GroupM"]), "order": order_nm},
    "huffman": {
        "index": index_huffman,
        "placeholder": placeholder_huffman,
        "code": code_huffman,
    },
    "periodic": {
        "index": index_periodic,
        "order": order_periodic,
        "count": count_periodic,
    },
    "codebook": {"code": code_codebook},
}
_COO_COL, _COO_ROW = (_past("col", lambda p: p["TileCols"]), _past("row", lambda p: p["TileRows"]))


def _index_coo(kind: Kind, p: Parameters, good: EncodedTile) -> Iterator[Words]:
    """A column or a row past the tile; also where the order or the value is wrong as well."""
    yield from _COO_COL(kind, p, good)
    yield from _COO_ROW(kind, p, good)
    cols = p["TileCols"]
    for entry in range(1, good.header):
        before = good.value("row", entry - 1)
        if before and cols < 1 << bits(cols):
            bad = good.change("row", entry, before - 1).change("col", entry, cols)
            yield bad.words()
            yield bad.change("value", entry, 0).words()


_OWN["coo"] = {"index": _index_coo, "order": order_coo, "placeholder": placeholder_zero}


def faults(kind: Kind, p: Parameters, name: str, good: EncodedTile) -> Iterator[Words]:
    """Streams whose fault is ``name``, made of a good tile; none where this one has no place."""
    maker = _FRAME.get(name) or _OWN[kind.name].get(name)
    if maker is None:  # a codebook has the faults of what is inside
        maker = _OWN[entry_layout(kind, p)].get(name)
        p = {**p, "ValueWidth": p["CodeWidth"]}
    return maker(kind, p, good) if maker else iter(())


def fills_word(good: EncodedTile, words: Words) -> int:
    """Words of a faulty stream up to its last change against a good tile, where the field that was
    changed ends with its word; else 0.

    >>> from tb.formats.layout import Field
    >>> good = EncodedTile(8, 1, tuple(Field("pos", at, at + 1, 4) for at in range(3)))
    >>> [fills_word(good, good.change("pos", at, 0).words()) for at in range(3)]
    [0, 2, 0]
    """
    payload = sum(
        (a ^ b) << good.width * i
        for i, (a, b) in enumerate(zip(words[1:], good.words()[1:], strict=False))
    )
    end = 0
    for one in good.fields:
        end += one.width
        if payload.bit_length() <= end:
            break
    return end // good.width + 1 if payload and end % good.width == 0 else 0
