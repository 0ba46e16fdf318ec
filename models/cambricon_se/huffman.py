"""Huffman coding of the codes of a weight packet ("Huffman" in ``rtl/cambricon_se/README.md``).

Codes are dealt to lanes, each with a string of bits. Words of all strings are one stream, in the
order in which the decoder asks for them: both sides walk the same ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.registers import Kind
from models.formats.prefix import canonical, code_lengths, reverse_bits
from models.packets import Section, pack_lanes, unpack_lanes

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: Bits of the longest code; numbers of codes by length that a table has.
LONGEST, NUMBERS = 12, 16
#: A lane with fewer bits asks for a word.
LOW = 32
_WORD, _SYMBOLS = 64, 256


@dataclass(frozen=True, eq=False)
class Table:
    """A canonical code: ``lengths`` int64 [256], 0 where a symbol has none."""

    lengths: Ints

    @classmethod
    def of(cls, counts: Ints) -> Table:
        """The shortest for symbols that occur so often: int64 [256].

        >>> Table.of(np.bincount([0, 0, 0, 7, 9], minlength=256)).lengths[[0, 7, 9]].tolist()
        [1, 2, 2]
        """
        return cls(code_lengths(counts, LONGEST))

    @cached_property
    def symbols(self) -> Ints:
        """In canonical order."""
        return canonical(self.lengths)[0]

    @cached_property
    def codes(self) -> Ints:
        """Of each symbol, first bit lowest: int64 [256]."""
        symbols, codes = canonical(self.lengths)
        found = np.zeros(_SYMBOLS, dtype=np.int64)
        found[symbols] = reverse_bits(codes, self.lengths[symbols])
        return found

    @cached_property
    def windows(self) -> tuple[list[int], list[int]]:
        """(symbol, length) of the code that the next 12 bits begin with; length 0: none."""
        symbol = np.zeros(1 << LONGEST, dtype=np.int64)
        length = np.zeros_like(symbol)
        for one in self.symbols.tolist():
            at = slice(int(self.codes[one]), None, 1 << int(self.lengths[one]))
            symbol[at], length[at] = one, self.lengths[one]
        return symbol.tolist(), length.tolist()

    @property
    def section(self) -> Section:
        """As a section of a packet."""
        numbers = np.bincount(self.lengths[self.symbols], minlength=NUMBERS + 1)[1:]
        words = np.concatenate((pack_lanes(numbers, 16), pack_lanes(self.symbols, 8)))
        return Section(Kind.TABLE, 0, 0, self.symbols.size, words)

    @classmethod
    def read(cls, section: Section) -> Table:
        """The inverse of ``section``."""
        numbers = unpack_lanes(section.payload[:4], 16)
        symbols = unpack_lanes(section.payload[4:], 8)[: section.count] & 0xFF
        lengths = np.zeros(_SYMBOLS, dtype=np.int64)
        lengths[symbols] = np.repeat(np.arange(1, NUMBERS + 1), numbers)
        return cls(lengths)

    def bits(self, counts: Ints) -> int | None:
        """Of symbols that occur so often; None: one of them has no code."""
        if (counts[self.lengths == 0] > 0).any():
            return None
        return int((counts * self.lengths).sum())


def table_words(count: int) -> int:
    """Stream words of a table of ``count`` symbols, without header.

    >>> table_words(1), table_words(256)
    (5, 36)
    """
    return NUMBERS * 16 // _WORD + -(-count // 8)


def lanes_of(config: CambriconSeConfig) -> int:
    """Lanes in use."""
    return min(config.huf_lanes, config.code_row)


def steps_of(rows: Ints, lanes: int) -> Ints:
    """Values int64 [rows, CodeRow] by step: [steps, lanes]; -1 where a lane rests."""
    each = -(-rows.shape[1] // lanes)
    full = np.pad(rows, ((0, 0), (0, each * lanes - rows.shape[1])), constant_values=-1)
    return full.reshape(-1, lanes)


def _rows(section: Section, config: CambriconSeConfig) -> Ints:
    """Codes of a plain section as 0..255: int64 [count, CodeRow]."""
    values = unpack_lanes(section.payload, 8).reshape(section.count, config.code_words * 8)
    return values[:, : config.code_row] & 0xFF


def _strings(steps: Ints, table: Table) -> list[Words]:
    """Words of each lane's string: steps int64 [steps, lanes]."""
    found = []
    for mine in steps.T:
        mine = mine[mine >= 0]
        lengths = table.lengths[mine]
        bits = (table.codes[mine, None] >> np.arange(LONGEST) & 1).astype(np.uint8)
        string = bits[np.arange(LONGEST) < lengths[:, None]]
        padded = np.pad(string, (0, -string.size % _WORD))
        packed = np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)
        found.append(packed)
    return found


def encode(sections: Sequence[Section], table: Table, config: CambriconSeConfig) -> list[Section]:
    """Sections with their codes as bit strings; those of other kinds as they are.

    Raises ValueError where a code has none in the table.
    """
    lanes = lanes_of(config)
    plain = [one for one in sections if one.kind == Kind.CODES]
    each = [steps_of(_rows(one, config), lanes) for one in plain]
    if not any(one.size for one in each):
        return list(sections)
    steps = np.concatenate(each)
    lengths = np.where(steps < 0, 0, table.lengths[np.maximum(steps, 0)])
    if (lengths[steps >= 0] == 0).any():
        raise ValueError("table: a code of the packet is not in it")
    strings = _strings(steps, table)
    taken, level = [0] * lanes, [0] * lanes
    payloads, at, costs = [], 0, lengths.tolist()
    for one in each:
        words, end = [], at + len(one)
        while at < end:
            least = min(level)
            lane = next(n for n, bits in enumerate(level) if bits < LOW) if least < LOW else -1
            if least >= LONGEST:
                level = [have - cost for have, cost in zip(level, costs[at], strict=True)]
                at += 1
            if lane >= 0:
                number, taken[lane] = taken[lane], taken[lane] + 1
                words.append(strings[lane][number] if number < strings[lane].size else 0)
                level[lane] += _WORD
        payloads.append(np.array(words, dtype=np.uint64))
    coded = iter(payloads)
    return [
        replace(one, payload=next(coded)) if one.kind == Kind.CODES else one for one in sections
    ]


@dataclass(eq=False)
class Decoder:
    """The strings of a packet.

    ticks   so far
    """

    table: Table | None
    config: CambriconSeConfig
    ticks: int = 0
    level: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        lanes = lanes_of(self.config)
        self.level, self.bits = [0] * lanes, [0] * lanes

    def section(self, words: Iterator[int], count: int) -> Ints:
        """The codes of a section: int64 [count, CodeRow]; takes its words.

        Raises ValueError for what the RTL refuses.
        """
        lanes, row = len(self.level), self.config.code_row
        if not count:
            return np.zeros((0, row), dtype=np.int64)
        if self.table is None:
            raise ValueError("table: found none, need it before codes")
        symbols, lengths = self.table.windows
        found: list[int] = []
        level, bits, mask = self.level, self.bits, (1 << LONGEST) - 1
        for _ in range(count):
            for at in range(0, row, lanes):
                while True:
                    self.ticks += 1
                    least = min(level)
                    lane, word = -1, 0
                    if least < LOW:
                        lane = next(n for n, have in enumerate(level) if have < LOW)
                        word = int(next(words)) << level[lane]
                    if least >= LONGEST:
                        for n in range(min(lanes, row - at)):
                            window = bits[n] & mask
                            size = lengths[window]
                            if not size:
                                raise ValueError(f"code: lane {n} has none")
                            found.append(symbols[window])
                            bits[n] >>= size
                            level[n] -= size
                            if n == lane:
                                word >>= size
                    if lane >= 0:
                        bits[lane] |= word
                        level[lane] += _WORD
                    if least >= LONGEST:
                        break
        return np.array(found, dtype=np.int64).reshape(count, row)

    def end(self) -> None:
        """ValueError where bits are left."""
        if any(self.bits):
            raise ValueError("codes: bits are left behind the last one")


def codes_of_sections(sections: Sequence[Section], config: CambriconSeConfig) -> Ints:
    """How often each code is in plain sections: int64 [256]."""
    rows = [_rows(one, config).ravel() for one in sections if one.kind == Kind.CODES]
    return np.bincount(np.concatenate(rows), minlength=_SYMBOLS)


class Coder:
    """Packets in bit strings, in their order: knows the table that is loaded."""

    def __init__(self, config: CambriconSeConfig) -> None:
        self.config = config
        self.table: Table | None = None

    def packet(self, sections: Sequence[Section]) -> list[Section] | None:
        """Sections in order, with codes as strings and a table of their own where that is shorter
        than the loaded one; None: they are shorter plain.
        """
        plain = [one for one in sections if one.kind == Kind.CODES]
        if not plain:
            return None
        counts = codes_of_sections(plain, self.config)
        fresh = Table.of(counts)
        table = self.table
        bits = None if table is None else table.bits(counts)
        best = fresh.bits(counts)
        assert best is not None
        head = 1 + table_words(fresh.symbols.size)
        found, at = list(sections), sections.index(plain[0])
        if table is None or bits is None or bits > best + _WORD * head:
            table = fresh
            found.insert(at, table.section)
        found = encode(found, table, self.config)
        if sum(one.payload.size for one in found) + len(found) >= sum(
            one.payload.size for one in sections
        ) + len(sections):
            return None
        self.table = table
        return found
