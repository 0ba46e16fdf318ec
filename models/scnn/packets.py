"""The stream packets of SCNN, built and read (layout: ``rtl/scnn/README.md``).

Weight packet: sections OFFSET, BIAS, WEIGHT of ``models/packets.py``. Activation packet: for every
PE a header, counts, rows, carried sums; the compressed result packet is the same without a first
word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.packets import (
    Section,
    activation_packet_of,
    pack_lanes,
    split_sections,
    unpack_lanes,
)
from models.scnn.config import ScnnConfig
from models.scnn.registers import Kind

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: Bits of an entry {run, value}, of a tag, of the window number, and channels in a window.
ENTRY, TAG, WINDOW, IN_WINDOW = 20, 12, 16, 8
_SUB, _N, _LAST, _END, _VALID = 0, 3, 8, 9, 10


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of the weight buffer, RowVectors vectors of F entries each.

    window   int64 [rows], channels window*8 .. window*8 + 7
    sub, n, last, end, valid   int64 [rows, RowVectors], the tags
    run, value   int64 [rows, RowVectors, F]
    """

    window: Ints
    sub: Ints
    n: Ints
    last: Ints
    end: Ints
    valid: Ints
    run: Ints
    value: Ints

    @classmethod
    def empty(cls, rows: int, config: ScnnConfig) -> Rows:
        """Rows whose slots are not used."""
        tags = [np.zeros((rows, config.row_vectors), dtype=np.int64) for _ in range(5)]
        shape = rows, config.row_vectors, config.f
        lanes = [np.zeros(shape, dtype=np.int64) for _ in range(2)]
        return cls(np.zeros(rows, dtype=np.int64), *tags, *lanes)

    def __len__(self) -> int:
        return self.window.size

    def part(self, first: int, last: int) -> Rows:
        """Rows ``first`` .. ``last - 1``."""
        return Rows(*(values[first:last] for values in self._fields()))

    def _fields(self) -> tuple[Ints, ...]:
        return tuple(vars(self).values())

    @staticmethod
    def joined(parts: Sequence[Rows]) -> Rows:
        """One behind the other."""
        return Rows(
            *(np.concatenate(each) for each in zip(*(p._fields() for p in parts), strict=True))
        )


def _bits(values: Ints, width: int) -> NDArray[np.uint8]:
    """Bits of numbers, lowest first: uint8 [..., width]."""
    found: NDArray[np.uint8] = (values[..., None] >> np.arange(width) & 1).astype(np.uint8)
    return found


def _numbers(bits: NDArray[np.uint8], width: int) -> Ints:
    """The inverse, unsigned: uint8 [rows, n*width] -> int64 [rows, n]."""
    found: Ints = bits.reshape(len(bits), bits.shape[1] // width, width) @ (
        1 << np.arange(width, dtype=np.int64)
    )
    return found


def _to_words(bits: NDArray[np.uint8], words: int) -> Words:
    """Rows of bits, each filled up to ``words`` stream words, as one vector."""
    full = np.zeros((len(bits), words * 64), dtype=np.uint8)
    full[:, : bits.shape[1]] = bits
    packed = np.packbits(full, axis=1, bitorder="little")
    return packed.reshape(-1).view("<u8").astype(np.uint64)


def _to_bits(words: Words, per_row: int) -> NDArray[np.uint8]:
    """The inverse: uint8 [rows, per_row*64]."""
    raw = np.ascontiguousarray(words, dtype="<u8").view(np.uint8).reshape(-1, per_row * 8)
    return np.unpackbits(raw, axis=1, bitorder="little")


def _entry(run: Ints, value: Ints) -> Ints:
    return run << 16 | value & 0xFFFF


def _run_value(entry: Ints) -> tuple[Ints, Ints]:
    value = entry & 0xFFFF
    return entry >> 16, value - (value >> 15 << 16)


def weight_words(rows: Rows, config: ScnnConfig) -> Words:
    """Rows of the weight buffer as stream words."""
    tags = (
        rows.sub << _SUB | rows.n << _N | rows.last << _LAST | rows.end << _END
        | rows.valid << _VALID
    )  # fmt: skip
    number = len(rows)
    bits = np.concatenate(
        (
            _bits(rows.window, WINDOW),
            _bits(tags, TAG).reshape(number, TAG * config.row_vectors),
            _bits(_entry(rows.run, rows.value), ENTRY).reshape(
                number, ENTRY * config.row_vectors * config.f
            ),
        ),
        axis=1,
    )
    return _to_words(bits, config.row_words)


def weight_rows(words: Words, config: ScnnConfig) -> Rows:
    """The inverse of ``weight_words``."""
    bits = _to_bits(words, config.row_words)
    lanes, vectors = config.f, config.row_vectors
    tags_end = WINDOW + TAG * vectors
    tags = _numbers(bits[:, WINDOW:tags_end], TAG)
    entries = _numbers(bits[:, tags_end : tags_end + ENTRY * vectors * lanes], ENTRY)
    run, value = _run_value(entries.reshape(-1, vectors, lanes))
    return Rows(
        _numbers(bits[:, :WINDOW], WINDOW)[:, 0],
        tags >> _SUB & 7,
        tags >> _N & 31,
        tags >> _LAST & 1,
        tags >> _END & 1,
        tags >> _VALID & 1,
        run,
        value,
    )


def offset_section(offsets: Ints) -> Section:
    """The offset table: one entry for each position of the kernel."""
    return Section(Kind.OFFSET, 0, 0, offsets.size, pack_lanes(offsets, 16))


def bias_section(base: int, values: Ints) -> Section:
    """Biases from index ``base`` on."""
    return Section(Kind.BIAS, 0, base, values.size, pack_lanes(values, 32))


def weight_section(base: int, rows: Rows, config: ScnnConfig) -> Section:
    """Rows of the weight buffer from ``base`` on."""
    return Section(Kind.WEIGHT, 0, base, len(rows), weight_words(rows, config))


def sections(words: Words, config: ScnnConfig) -> Iterator[Section]:
    """The sections of a (good) weight packet, in order."""

    def size(kind: Kind, count: int) -> int:
        return {
            Kind.OFFSET: -(-count // 4),
            Kind.BIAS: -(-count // 2),
            Kind.WEIGHT: count * config.row_words,
        }[kind]

    return split_sections(words, Kind, size)


@dataclass(frozen=True, eq=False)
class PeData:
    """What a PE is given or gives: compressed channels and carried sums.

    counts      int64 [C], entries of each channel; a channel begins with a row
    run, value  int64 [rows, I]
    carry       int64 [words]
    """

    counts: Ints
    run: Ints
    value: Ints
    carry: Ints


def pe_words(each: Sequence[PeData], config: ScnnConfig) -> Words:
    """All PEs, PE 0 first: the payload of an activation packet, or a compressed result packet."""
    parts = []
    for pe, one in enumerate(each):
        rows = len(one.run)
        head = one.carry.size << 48 | rows << 24 | pe
        bits = _bits(_entry(one.run, one.value), ENTRY).reshape(rows, ENTRY * config.i)
        parts += [
            np.array([head], dtype=np.uint64),
            pack_lanes(one.counts, 16),
            _to_words(bits, config.act_row_words),
            pack_carry(one.carry, config),
        ]
    return np.concatenate(parts)


def pe_words_size(channels: int, rows: int, carry: int, config: ScnnConfig) -> int:
    """Words of a PE in it."""
    return 1 + -(-channels // 4) + rows * config.act_row_words + -(-carry // config.carry_lanes)


def pe_data(words: Words, channels: int, config: ScnnConfig) -> list[PeData]:
    """The inverse of ``pe_words``; ValueError when words are missing, too many, or not as said."""
    found = []
    at = 0
    for pe in range(config.pes):
        if at >= words.size:
            raise ValueError(f"packet: found {words.size} words, PE {pe} is missing")
        head = int(words[at])
        rows, carry = head >> 24 & 0xFFFFFF, head >> 48
        if head & 0xFFFFFF != pe:
            raise ValueError(f"packet[{at}]: found PE {head & 0xFFFFFF}, need {pe}")
        size = pe_words_size(channels, rows, carry, config)
        if at + size > words.size:
            raise ValueError(f"packet: found {words.size} words, PE {pe} needs {at + size}")
        cut = np.cumsum([1, -(-channels // 4), rows * config.act_row_words])
        _, counts, body, sums = np.split(words[at : at + size], cut)
        entries = _numbers(_to_bits(body, config.act_row_words)[:, : ENTRY * config.i], ENTRY)
        run, value = _run_value(entries.reshape(rows, config.i))
        number = unpack_lanes(counts, 16, signed=False)[:channels]
        if rows != int((-(-number // config.i)).sum()):
            raise ValueError(
                f"packet[{at}]: found {rows} rows of PE {pe}, its counts say otherwise"
            )
        found.append(PeData(number, run, value, unpack_carry(sums, carry, config)))
        at += size
    if at != words.size:
        raise ValueError(f"packet: found {words.size} words, need {at}")
    return found


def pack_carry(values: Ints, config: ScnnConfig) -> Words:
    """Carried sums as stream words."""
    if config.carry_lanes == 1:
        return values.astype(np.int64).view(np.uint64)
    return pack_lanes(values, 32)


def unpack_carry(words: Words, count: int, config: ScnnConfig) -> Ints:
    """The inverse of ``pack_carry``."""
    if config.carry_lanes == 1:
        return np.ascontiguousarray(words).view(np.int64)[:count]
    return unpack_lanes(words, 32)[:count]


def activation_packet(each: Sequence[PeData], config: ScnnConfig) -> Words:
    """The activation packet of a pass."""
    payload = pe_words(each, config)
    return activation_packet_of(payload.size, payload)
