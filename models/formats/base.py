"""What every sparsity format has: matrix <-> fields <-> words, exact size, stream decoder, cycles.

The stream, the faults and the steps are those of ``rtl/formats/README.md``. A format is a frozen
dataclass with its parameters; the base class does what is the same for all, a format fills in::

    matrix --encode--> Encoded --_payload--> fields --words--> words --read (_scan)--> Tile
           <--decode--                                         words --steps (_pace)--> cycles

>>> from models.formats.coo import Coo
>>> coo = Coo(value_width=8)
>>> words = coo.words(coo.encode([[0, 7], [0, -1]]), word_width=32)
>>> tile = coo.read(words, (2, 2))
>>> tile.rows.tolist(), tile.cols.tolist(), tile.values.tolist(), tile.eol.tolist(), tile.error
([0, 1], [1, 1], [7, 255], [True, True], None)
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.formats.bits import BitReader, Fields, pack

MAX_VALUE_WIDTH = 32
MAX_COUNT = (1 << 32) - 1
#: Words a decoder stores, and of their bits how many words' worth one step can see.
STORED_WORDS = 5
SEEN_WORDS = 2
Shape = tuple[int, int]


class FormatError(ValueError):
    """A field of an encoded matrix holds what the format does not allow."""


class Fault(IntEnum):
    """Error codes of the decoders (``rtl/formats/README.md``)."""

    HEADER = 1
    SHORT = 2
    LONG = 3
    INDEX = 4
    ORDER = 5
    PLACEHOLDER = 6
    CODE = 7
    POINTER = 8
    PADDING = 9
    COUNT = 10


class StreamFault(Exception):
    """Raised inside ``_scan``: the tile is at fault here. ``read`` turns it into ``Tile.error``."""

    def __init__(self, code: Fault, pos: int):
        super().__init__(f"{code.name} at {pos}")
        self.code, self.pos = code, pos


@dataclass(frozen=True)
class Size:
    """Exact stored bits, header and rounding up to words not counted."""

    values: int = 0
    indices: int = 0
    pointers: int = 0
    tables: int = 0
    padding: int = 0

    @property
    def total(self) -> int:
        """Sum of all parts.

        >>> Size(values=8, indices=4).total
        12
        """
        return self.values + self.indices + self.pointers + self.tables + self.padding


@dataclass(frozen=True, eq=False)
class Encoded:
    """An encoded matrix: named integer arrays, ``encoded["values"]``; which, the format says.

    format   the format with its parameters
    shape    (rows, columns) of the matrix
    count    the count in the header word of its stream
    arrays   integer arrays by name, int64 but for masks (uint8)
    """

    format: Format
    shape: Shape
    count: int
    arrays: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


@dataclass(frozen=True, eq=False)
class Tile:
    """What a decoder hands on: rows, cols, values int64 [n] in stream order, eol bool [n].

    Values are raw bits, never 0. ``error`` is None or (code, position); with an error the arrays
    hold all non-zeros in front of the fault, and ``eol`` of the last of them means nothing.
    """

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    values: NDArray[np.int64]
    eol: NDArray[np.bool_]
    error: tuple[Fault, int] | None = None

    def matrix(self, shape: Shape) -> NDArray[np.int64]:
        """The tile as a matrix of raw bits: int64 [rows, cols]."""
        dense = np.zeros(shape, dtype=np.int64)
        dense[self.rows, self.cols] = self.values
        return dense


@dataclass
class Sink:
    """Takes the values of a tile from ``_scan``; drops zeros."""

    rows: list[int] = field(default_factory=list)
    cols: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)

    def put(self, row: int, col: int, value: int) -> None:
        """One value of the stream at its place."""
        if value:
            self.rows.append(row)
            self.cols.append(col)
            self.values.append(value)


class Pace:
    """Counts steps of a good tile: a step in cycle t works on the words taken before t.

    ``cycle`` is that of the last step so far, 1 (the header) in the beginning. Takes that belong to
    the next step come either before ``step()`` or after ``cycle += 1``.

    >>> pace = Pace(BitReader(pack([1, 2, 3], 12, 32)))
    >>> for _ in range(3):
    ...     _ = pace.take(12)
    ...     pace.step()
    >>> pace.cycle  # word 1 comes in cycle 1: entries in cycles 2 and 3, the third in 4
    4
    """

    def __init__(self, reader: BitReader):
        self.reader = reader
        self._cycle = 1
        self._come = 1  # words taken before this cycle, the header among them
        self._start = 0  # bits of the payload removed before this cycle
        self._removed = 0  # and after its step

    @property
    def cycle(self) -> int:
        """Cycle of the step at work."""
        return self._cycle

    @cycle.setter
    def cycle(self, value: int) -> None:
        while self._cycle < value:
            self._next(self.reader.pos)

    def _next(self, removed: int) -> None:
        """Go on to the next cycle: this one takes a word if there is one and room for it."""
        width = self.reader.word_width
        used = self._start // width + (self._cycle > 1)  # words used up before this cycle
        words = 1 + self.reader.length // width
        self._come = min(words, self._come + (self._come - used < STORED_WORDS))
        self._cycle, self._start, self._removed = self._cycle + 1, removed, removed

    def take(self, width: int) -> int:
        """The next field."""
        value = self.reader.take(width)
        assert value is not None, "a good tile has all its bits"
        return value

    def step(self) -> None:
        """One step that needs all that was taken since the last: it waits until that has come."""
        words = 1 - (-self.reader.pos // self.reader.word_width)
        self._next(self._removed)
        while self._come < words:
            self._next(self._removed)
        self._removed = self.reader.pos

    def arrived(self) -> int:
        """Bits of the payload not taken yet that the step of this cycle can see."""
        width = self.reader.word_width
        seen = min((self._come - 1) * width, self._start + SEEN_WORDS * width)
        return max(0, seen - self.reader.pos)

    def slots(self, slots: int, slot_width: int, value_width: int, lanes: int) -> int:
        """What the step of this cycle takes of ``slots``, value in their low bits: whole ones that
        have come, at most WordWidth/slot_width, up to and including the lane-filling non-zero.
        """
        at_most = max(1, self.reader.word_width // slot_width)
        have = min(self.arrived() // slot_width, at_most, slots)
        found = 0
        for taken in range(1, have + 1):
            found += self.take(slot_width) & ((1 << value_width) - 1) != 0
            self._removed = self.reader.pos
            if found == lanes:
                return taken
        return have

    def scan(
        self, slots: int, slot_width: int, value_width: int, lanes: int, joined: bool = False
    ) -> None:
        """Steps over all of ``slots``, see there.

        ``joined``: the first step is one that the fields taken just before need anyhow.
        """
        if joined:
            self.step()
            slots -= self.slots(slots, slot_width, value_width, lanes)
        while slots:
            self.cycle += 1
            slots -= self.slots(slots, slot_width, value_width, lanes)


def bits(n: int) -> int:
    """Width of an index into ``n`` things, at least 1.

    >>> [bits(n) for n in (0, 1, 2, 3, 4, 5)]
    [1, 1, 1, 2, 2, 3]
    """
    return max(1, (n - 1).bit_length()) if n > 0 else 1


def need_width(name: str, width: int, low: int, high: int) -> None:
    """Raise ValueError unless a width parameter is in range."""
    if not low <= width <= high:
        raise ValueError(f"{name}: {width} is not in {low}..{high}")


class Format(ABC):
    """A sparsity format with its parameters. All arrays of values are raw bits, 0..2**V-1."""

    name: ClassVar[str]
    lanes: ClassVar[tuple[int, ...]] = (1,)
    value_width: int

    # ---- what a format fills in --------------------------------------------------------------

    @abstractmethod
    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        """Encode raw bits, int64 [rows, cols]."""

    @abstractmethod
    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        """Raw bits int64 [rows, cols]; FormatError where an entry has no place in the matrix."""

    @abstractmethod
    def check(self, encoded: Encoded, full: bool = False) -> None:
        """Raise FormatError when a field is wrong; the message names field and position.

        Cheap without ``full`` (sizes and pointers, no pass over the entries); ``full`` proves
        that ``encode(decode(x))`` gives ``x`` again.
        """

    @abstractmethod
    def size(self, encoded: Encoded) -> Size:
        """Exact stored bits."""

    @abstractmethod
    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        """The fields behind the header word."""

    @abstractmethod
    def _count_fits(self, count: int, shape: Shape) -> bool:
        """Whether a tile of this shape can have this count."""

    @abstractmethod
    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        """Read a payload to its last bit; raise StreamFault at the first fault."""

    @abstractmethod
    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        """Go over the payload of a good tile once more, counting steps."""

    def _line(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        """The line, in the sense of ``eol``, that each non-zero is on: int64 [n]."""
        return rows

    # ---- the same for all --------------------------------------------------------------------

    def encode(self, matrix: ArrayLike) -> Encoded:
        """Encode int [rows, cols]; values of -2**(V-1)..2**V-1 are taken mod 2**V.

        Raises ValueError on anything but a 2-D matrix of such integers.
        """
        return self._encode(self.raw(matrix))

    def decode(self, encoded: Encoded, signed: bool = False) -> NDArray[np.int64]:
        """The matrix again, int64 [rows, cols]: raw bits, or two's complement if ``signed``.

        Raises FormatError where ``check`` does or an entry has no place in the matrix.
        """
        self.check(encoded)
        raw = self._decode(encoded)
        return self.to_signed(raw) if signed else raw

    def raw(self, matrix: ArrayLike) -> NDArray[np.int64]:
        """The matrix as raw bits 0..2**V-1, int64 [rows, cols]; errors as in ``encode``."""
        values = np.asarray(matrix)
        if values.ndim != 2:
            raise ValueError(f"matrix: found shape {values.shape}, need [rows, columns]")
        if values.size == 0:
            return np.zeros(values.shape, dtype=np.int64)
        if values.dtype.kind not in "iub":
            raise ValueError(f"matrix: found dtype {values.dtype}, need integers")
        low, high = int(values.min()), int(values.max())
        if low < -(1 << (self.value_width - 1)) or high >> self.value_width > 0:
            raise ValueError(
                f"matrix: found {low}..{high}, need {-(1 << (self.value_width - 1))}.."
                f"{(1 << self.value_width) - 1} for {self.value_width} bits"
            )
        return values.astype(np.int64) & ((1 << self.value_width) - 1)

    def to_signed(self, raw: NDArray[np.int64]) -> NDArray[np.int64]:
        """Raw bits read as two's complement, same shape."""
        return raw - ((raw >> (self.value_width - 1)) << self.value_width)

    def words(self, encoded: Encoded, word_width: int = 64) -> NDArray[np.uint8]:
        """The tile stream, header first: uint8 [words, word_width // 8].

        Raises ValueError on a count that the header cannot hold.
        """
        if encoded.count > MAX_COUNT:
            raise ValueError(f"count: {encoded.count} is above {MAX_COUNT}")
        payload = pack(*self._payload(encoded, word_width), word_width)
        header = np.zeros((1, word_width // 8), dtype=np.uint8)
        header[0, :4] = np.frombuffer(encoded.count.to_bytes(4, "little"), dtype=np.uint8)
        return np.concatenate([header, payload])

    def read(self, words: NDArray[np.uint8], shape: Shape) -> Tile:
        """Decode a tile stream as the hardware does: framing, and the first fault of the contract.

        ``words`` uint8 [n, word_width // 8], header first; the last row is the word with ``last``.
        Never raises on bad bits (ValueError only where there is no word at all).
        """
        if words.ndim != 2 or words.shape[0] == 0:
            raise ValueError(f"words: found shape {words.shape}, need [words, bytes], not empty")
        sink, error = Sink(), None
        try:
            self._read(words, shape, sink)
        except StreamFault as fault:
            error = (fault.code, fault.pos)
        rows, cols, values = (
            np.array(part, dtype=np.int64) for part in (sink.rows, sink.cols, sink.values)
        )
        eol = np.ones(rows.size, dtype=bool)
        eol[:-1] = np.diff(self._line(rows, cols)) != 0
        return Tile(rows, cols, values, eol, error)

    def _read(self, words: NDArray[np.uint8], shape: Shape, sink: Sink) -> None:
        """``read`` with faults raised: header, payload, then what lies behind it."""
        count = int.from_bytes(words[0, :4].tobytes(), "little")
        if words[0, 4:].any() or not self._count_fits(count, shape):
            raise StreamFault(Fault.HEADER, 0)
        reader = BitReader(words[1:])
        self._scan(reader, count, shape, sink)
        if reader.words_behind():
            raise StreamFault(Fault.LONG, count)
        if reader.tail():
            raise StreamFault(Fault.PADDING, count)

    def steps(self, words: NDArray[np.uint8], shape: Shape, lanes: int = 1) -> int:
        """Cycle of the last step of a good tile (README, "Steps"); the header's is cycle 1.

        Raises ValueError on a tile with an error or a number of lanes the format does not have.
        """
        if lanes not in self.lanes:
            raise ValueError(f"lanes: {lanes} is not in {self.lanes}")
        tile = self.read(words, shape)
        if tile.error is not None:
            raise ValueError(f"words: {tile.error[0].name} at {tile.error[1]}")
        pace = Pace(BitReader(words[1:]))
        count = int.from_bytes(words[0, :4].tobytes(), "little")
        self._pace(pace, count, shape, lanes)
        assert pace.reader.words_behind() == 0, "every bit belongs to a step"
        return pace.cycle

    def place(
        self, shape: Shape, flat: NDArray[np.int64], values: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """A matrix with ``values`` [n] at the flat positions [n]: int64 [rows, cols]."""
        dense = np.zeros(shape[0] * shape[1], dtype=np.int64)
        dense[flat] = values
        return dense.reshape(shape)


def need(reader: BitReader, width: int, pos: int) -> int:
    """The next field, or ErrShort at this entry."""
    value = reader.take(width)
    if value is None:
        raise StreamFault(Fault.SHORT, pos)
    return value


def read_pointers(reader: BitReader, lines: int, width: int, count: int) -> list[int]:
    """``lines + 1`` pointers of a stream; ErrShort at 0, ErrPointer at the pointer at fault."""
    pointers: list[int] = []
    for at in range(lines + 1):
        pointer = need(reader, width, 0)
        before = pointers[-1] if pointers else 0
        if (
            (at == 0 and pointer != 0)
            or not before <= pointer <= count
            or (at == lines and pointer != count)
        ):
            raise StreamFault(Fault.POINTER, at)
        pointers.append(pointer)
    return pointers


def pace_pointers(pace: Pace, lines: int, width: int) -> list[int]:
    """The steps over ``lines + 1`` pointers: groups as many as a word holds; the pointers."""
    group = max(1, pace.reader.word_width // width)
    pointers: list[int] = []
    while len(pointers) < lines + 1:
        pointers += [pace.take(width) for _ in range(min(group, lines + 1 - len(pointers)))]
        pace.step()
    return pointers


def pace_lines(pace: Pace, pointers: list[int], entry: Callable[[], None]) -> None:
    """The steps over lines: ``entry()`` steps through one entry, a line without takes one step."""
    for start, end in itertools.pairwise(pointers):
        if start == pointers[-1]:
            return
        for _ in range(end - start):
            entry()
        if start == end:
            pace.step()


def check_arrays(encoded: Encoded, lengths: Mapping[str, int | tuple[int, ...]]) -> None:
    """Raise FormatError unless the arrays are there with these lengths or shapes."""
    for name, length in lengths.items():
        found = encoded.arrays.get(name)
        shape = length if isinstance(length, tuple) else (length,)
        if found is None or found.shape != shape:
            text = "nothing" if found is None else f"shape {found.shape}"
            raise FormatError(f"{name}: found {text}, need {shape}")


def check_bits(encoded: Encoded, name: str, width: int) -> None:
    """Raise FormatError at the first element of an array outside 0..2**width-1."""
    fail_at(name, encoded[name].ravel() >> width != 0, f"outside 0..{(1 << width) - 1}")


def fail_at(name: str, bad: NDArray[np.bool_] | np.bool_, text: str) -> None:
    """Raise FormatError at the first position of ``bad`` (bool [n]) that is set."""
    if bad.any():
        raise FormatError(f"{name}[{int(np.argmax(bad))}]: {text}")


def check_pointers(pointers: NDArray[np.int64], lines: int, count: int) -> None:
    """Raise FormatError unless int64 [lines + 1] runs from 0 to ``count`` and never falls."""
    if pointers.shape != (lines + 1,):
        raise FormatError(f"pointers: found shape {pointers.shape}, need ({lines + 1},)")
    if pointers[0] != 0:
        raise FormatError(f"pointers[0]: found {pointers[0]}, need 0")
    falling = np.concatenate(([False], np.diff(pointers) < 0))
    fail_at("pointers", falling, "smaller than the one before")
    if pointers[-1] != count:
        raise FormatError(f"pointers[{lines}]: found {pointers[-1]}, need {count}")


def need_pointers(width: int, count: int) -> None:
    """Raise ValueError where pointers of ``width`` bits cannot hold the number of entries."""
    if count >> width:
        raise ValueError(f"ptr_width: {width} bits cannot point behind {count} entries")


FORMATS: dict[str, type[Format]] = {}
_F = TypeVar("_F", bound=type[Any])


def register(cls: _F) -> _F:
    """Class decorator: put a format into ``FORMATS`` under its ``name``."""
    if cls.name in FORMATS and FORMATS[cls.name].__qualname__ != cls.__qualname__:
        raise ValueError(f"name: {cls.name} is taken by {FORMATS[cls.name].__qualname__}")
    FORMATS[cls.name] = cls
    return cls
