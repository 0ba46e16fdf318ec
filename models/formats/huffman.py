"""Huffman: canonical codes of 1..16 bits over values, or over run-length entries.

``count`` symbols. ``RunWidth = 0``: a symbol is a value, R*C of them in flat order. ``RunWidth >
0``: a symbol is an entry of run length (``rle.py``), value in the lower bits. The payload::

    +-------------+-----+-------------+----------+----------+-----+------+------+-----
    | codes of    | ... | codes of    | symbol 0 | symbol 1 | ... | code | code | ...
    | length 1    |     | length 16   |          |          |     |      |      |
    +-------------+-----+-------------+----------+----------+-----+------+------+-----
      16 bits each                      SymWidth = V + RunWidth     1..16 bits each,
                                        bits each, canonical order  first bit lowest

Codes are canonical: those of one length count up from where the shorter ones end, so the table is
only how many there are of each length and which symbols they stand for. The lengths are optimal
under the limit of 16 (``prefix.py``).

>>> huffman = Huffman(value_width=4)
>>> encoded = huffman.encode([[0, 0, 3, 0], [5, 0, 0, 3]])
>>> encoded["lengths"][:3].tolist(), encoded["symbols"].tolist()
([1, 2, 0], [0, 3, 5])
>>> huffman.size(encoded)  # 5 zeros of 1 bit, 3 values of 2; 16 * 16 + 3 * 4 bits of table
Size(values=11, indices=0, pointers=0, tables=268, padding=0)

Arrays of ``Encoded``: lengths int64 [16], symbols int64 [codes], entries int64 [count]: the
symbols that are coded.

Source: Han et al., "Deep Compression", ICLR 2016, section 4. There values (code book indices) and
runs are two streams with a code each: ``two_stream_size``. With one decoder there is one stream,
so a symbol here is both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.formats.base import (
    Encoded,
    Fault,
    Format,
    FormatError,
    Pace,
    Shape,
    Sink,
    Size,
    StreamFault,
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, fields, join
from models.formats.prefix import MAX_LENGTH, canonical, code_lengths, reverse_bits
from models.formats.rle import Rle

COUNT_WIDTH = 16
MAX_SYMBOL_WIDTH = 12


@register
@dataclass(frozen=True)
class Huffman(Format):
    """Huffman over symbols of ``value_width + run_width`` <= 12 bits; ``run_width`` 0: values."""

    value_width: int = 8
    run_width: int = 0
    name: ClassVar[str] = "huffman"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_SYMBOL_WIDTH)
        need_width("run_width", self.run_width, 0, MAX_SYMBOL_WIDTH)
        need_width("value_width + run_width", self.symbol_width, 1, MAX_SYMBOL_WIDTH)

    @property
    def symbol_width(self) -> int:
        """Bits of a symbol."""
        return self.value_width + self.run_width

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        if self.run_width:
            entries = _run_symbols(raw, self.value_width, self.run_width)
        else:
            entries = raw.reshape(-1)
        lengths = code_lengths(np.bincount(entries, minlength=1 << self.symbol_width))
        arrays = {
            "lengths": np.bincount(lengths[lengths > 0], minlength=MAX_LENGTH + 1)[1:],
            "symbols": canonical(lengths)[0],
            "entries": entries,
        }
        return Encoded(self, raw.shape, entries.size, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        if not self.run_width:
            return encoded["entries"].reshape(encoded.shape).copy()
        return self._runs().decode(self._as_runs(encoded))

    def _runs(self) -> Rle:
        return Rle(self.value_width, self.run_width)

    def _as_runs(self, encoded: Encoded) -> Encoded:
        """The entries as run length."""
        both = encoded["entries"]
        values = both & ((1 << self.value_width) - 1)
        arrays = {"values": values, "runs": both >> self.value_width}
        return Encoded(self._runs(), encoded.shape, encoded.count, arrays)

    def check(self, encoded: Encoded, full: bool = False) -> None:
        elements = encoded.shape[0] * encoded.shape[1]
        if not self._count_fits(encoded.count, encoded.shape):
            raise FormatError(f"count: found {encoded.count} symbols for {elements} elements")
        check_arrays(encoded, {"lengths": MAX_LENGTH, "entries": encoded.count})
        lengths = encoded["lengths"]
        fail_at("lengths", lengths < 0, "below 0")
        check_arrays(encoded, {"symbols": int(lengths.sum())})
        space = np.cumsum(lengths << (MAX_LENGTH - 1 - np.arange(MAX_LENGTH)))
        fail_at("lengths", space > 1 << MAX_LENGTH, "more codes than bits allow")
        if full:
            for name in ("symbols", "entries"):
                check_bits(encoded, name, self.symbol_width)
            if self.run_width:
                self._runs().check(self._as_runs(encoded), full=True)
            again = self._encode(self._decode(encoded))
            for name in ("lengths", "symbols"):
                if not np.array_equal(again[name], encoded[name]):
                    raise FormatError(f"{name}: not those of the best canonical code")

    def _code(self, encoded: Encoded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(code with its first bit lowest, its length) of every entry, int64 [count] each."""
        ordered = np.repeat(np.arange(1, MAX_LENGTH + 1), encoded["lengths"])
        codes = reverse_bits(canonical(ordered)[1], ordered)
        rank = np.full(1 << self.symbol_width, -1, dtype=np.int64)
        rank[encoded["symbols"]] = np.arange(ordered.size)
        at = rank[encoded["entries"]]
        fail_at("entries", at < 0, "a symbol without a code")
        return codes[at], ordered[at]

    def size(self, encoded: Encoded) -> Size:
        lengths = self._code(encoded)[1]
        total, pads = int(lengths.sum()), 0
        if self.run_width:
            pads = int(lengths[self._as_runs(encoded)["values"] == 0].sum())
        table = MAX_LENGTH * COUNT_WIDTH + encoded["symbols"].size * self.symbol_width
        return Size(values=total - pads, tables=table, padding=pads)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        codes, lengths = self._code(encoded)
        return join(
            fields(encoded["lengths"], COUNT_WIDTH),
            fields(encoded["symbols"], self.symbol_width),
            Fields(codes.astype(np.uint64), lengths),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        elements = shape[0] * shape[1]
        return count <= elements if self.run_width else count == elements

    def _read_table(self, reader: BitReader) -> tuple[list[int], list[int]]:
        """(codes of each length, symbols) of a stream; SHORT or CODE at 0."""
        lengths = [need(reader, COUNT_WIDTH, 0) for _ in range(MAX_LENGTH)]
        space = sum(number << (MAX_LENGTH - 1 - at) for at, number in enumerate(lengths))
        if space > 1 << MAX_LENGTH or sum(lengths) > 1 << self.symbol_width:
            raise StreamFault(Fault.CODE, 0)
        return lengths, [need(reader, self.symbol_width, 0) for _ in range(sum(lengths))]

    @staticmethod
    def _read_code(reader: BitReader, lengths: list[int], entry: int) -> int:
        """The rank of the next code in canonical order; SHORT or CODE at this entry."""
        code = first = rank = 0
        for number in lengths:
            code = code << 1 | need(reader, 1, entry)
            if code - first < number:
                return rank + code - first
            rank, first = rank + number, (first + number) << 1
        raise StreamFault(Fault.CODE, entry)

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        lengths, symbols = self._read_table(reader)
        at = -1
        for entry in range(count):
            symbol = symbols[self._read_code(reader, lengths, entry)]
            value, run = symbol & ((1 << self.value_width) - 1), symbol >> self.value_width
            at += run + 1
            if at >= shape[0] * shape[1]:
                raise StreamFault(Fault.INDEX, entry)
            full = run == (1 << self.run_width) - 1
            if self.run_width and value == 0 and (not full or entry + 1 == count):
                raise StreamFault(Fault.PLACEHOLDER, entry)
            sink.put(*divmod(at, shape[1]), value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        start = pace.reader.pos
        lengths, symbols = self._read_table(pace.reader)
        pace.reader.pos = start
        widths = [COUNT_WIDTH] * MAX_LENGTH + [self.symbol_width] * len(symbols)
        for width in widths:
            pace.take(width)
            pace.step()
        for entry in range(count):
            self._read_code(pace.reader, lengths, entry)
            pace.step()


def _run_symbols(raw: NDArray[np.int64], value_width: int, run_width: int) -> NDArray[np.int64]:
    """Run-length entries of raw bits as symbols, value in the lower bits: int64 [entries]."""
    runs = Rle(value_width, run_width).encode(raw)
    return runs["values"] | runs["runs"] << value_width


def two_stream_size(matrix: ArrayLike, value_width: int, run_width: int) -> Size:
    """Exact bits of Deep Compression's two streams: values and runs of run length, a code each.

    ``values`` and ``indices`` are the codes of real entries, ``padding`` both codes of the
    placeholders, ``tables`` the lengths and symbols of the two codes. Widths of at most 12 bits
    each; ``matrix`` int [rows, cols] as in ``encode``, code book indices in the paper.

    >>> two_stream_size([[1, 0, 0, 1], [0, 2, 0, 0]], 4, 4)
    Size(values=3, indices=5, pointers=0, tables=532, padding=0)

    >>> # 2 * 16 * 16 bits of lengths, 2 values and 3 runs of 4 bits: 532
    """
    for name, width in (("value_width", value_width), ("run_width", run_width)):
        need_width(name, width, 1, MAX_SYMBOL_WIDTH)
    runs = Rle(value_width, run_width).encode(matrix)
    real = runs["values"] != 0
    bits_of, table = {}, 0
    for name, width in (("values", value_width), ("runs", run_width)):
        lengths = code_lengths(np.bincount(runs[name], minlength=1 << width))
        table += MAX_LENGTH * COUNT_WIDTH + int(np.count_nonzero(lengths)) * width
        bits_of[name] = lengths[runs[name]]
    return Size(
        values=int(bits_of["values"][real].sum()),
        indices=int(bits_of["runs"][real].sum()),
        tables=table,
        padding=int(sum(part[~real].sum() for part in bits_of.values())),
    )
