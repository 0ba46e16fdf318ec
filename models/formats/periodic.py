"""Periodic pattern (SPS): row r keeps the columns of pattern ``r mod period``.

A matrix row is what the pattern is for, e.g. a 3x3 kernel with its nine weights as columns; a
layer has one table of ``period`` patterns, each of ``Kss`` columns, and values in row order.
``count`` = ``R * Kss``. The payload::

    +--------+----------------------+----------------------+-----+----------------+---------
    | period | pattern 0            | pattern 1            | ... | values of      | row 1 ...
    | 8      | Kss columns, rising  | bits(C) each         |     | row 0, Kss * V |
    +--------+----------------------+----------------------+-----+----------------+---------

A pattern with fewer columns in use is filled up with its lowest free ones, a row that is zero in
a column of its pattern stores the 0. ``Kss`` above C means C.

Source: Heo et al., "Sparse Periodic Systolic Dataflow", ISLPED 2022 (arXiv 2207.00068): layers
with periodic patterns, weights in compiler order, an index that is only the patterns. The widths
here are ours; the paper's are not public.

>>> periodic = Periodic(value_width=4, kss=2)
>>> encoded = periodic.encode([[1, 0, 2, 0], [0, 3, 0, 4], [5, 0, 6, 0]])
>>> [encoded[name].tolist() for name in ("period", "patterns", "values")]
[[2], [0, 2, 1, 3], [1, 2, 3, 4, 5, 6]]
>>> periodic.size(encoded)
Size(values=24, indices=0, pointers=0, tables=16, padding=0)

Arrays of ``Encoded``: period int64 [1], patterns int64 [period * Kss], values int64 [R * Kss].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from models.formats.base import (
    MAX_VALUE_WIDTH,
    Encoded,
    Fault,
    Format,
    FormatError,
    Pace,
    Shape,
    Sink,
    Size,
    StreamFault,
    bits,
    check_arrays,
    check_bits,
    fail_at,
    need,
    need_width,
    register,
)
from models.formats.bits import BitReader, Fields, fields, join

PERIOD_WIDTH = 8


@register
@dataclass(frozen=True)
class Periodic(Format):
    """Patterns of ``kss`` columns, at most ``max_period`` (1..255), values of ``value_width`` bits.

    ``encode`` takes the shortest period that holds all non-zeros and raises ValueError where no
    period up to ``max_period`` does.
    """

    value_width: int = 8
    kss: int = 4
    max_period: int = 255
    name: ClassVar[str] = "periodic"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("kss", self.kss, 1, 1 << 16)
        need_width("max_period", self.max_period, 1, (1 << PERIOD_WIDTH) - 1)

    def support(self, shape: Shape) -> int:
        """Columns of a pattern."""
        return min(self.kss, shape[1])

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        size = self.support(raw.shape)
        used = self._find_patterns(raw != 0)
        free = np.cumsum(~used, axis=1)
        kept = used | (free <= (size - used.sum(axis=1))[:, None])
        patterns = np.nonzero(kept)[1].reshape(len(used), size).astype(np.int64)
        of_row = patterns[np.arange(raw.shape[0]) % len(used)]
        arrays = {
            "period": np.array([len(used)], dtype=np.int64),
            "patterns": patterns.reshape(-1),
            "values": np.take_along_axis(raw, of_row, axis=1).reshape(-1),
        }
        return Encoded(self, raw.shape, raw.shape[0] * size, arrays)

    def _find_patterns(self, live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Columns in use by each pattern of the shortest period: bool [period, C]."""
        rows, cols = live.shape
        loads = live.sum(axis=1)
        if (loads > self.kss).any():
            row = int(np.argmax(loads > self.kss))
            raise ValueError(f"matrix: row {row} holds {loads[row]} non-zeros, Kss is {self.kss}")
        for period in range(1, min(self.max_period, max(1, rows)) + 1):
            used = np.zeros((period, cols), dtype=bool)
            for phase in range(period):
                used[phase] = live[phase::period].any(axis=0)
                if used[phase].sum() > self.kss:
                    break
            else:
                return used
        raise ValueError(f"matrix: no period up to {self.max_period} with {self.kss} columns")

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        rows, cols = encoded.shape
        size, patterns = self.support(encoded.shape), encoded["patterns"]
        fail_at("patterns", (patterns < 0) | (patterns >= cols), f"outside 0..{cols - 1}")
        period = int(encoded["period"][0])
        of_row = patterns.reshape(period, size)[np.arange(rows) % period]
        dense = np.zeros((rows, cols), dtype=np.int64)
        np.put_along_axis(dense, of_row, encoded["values"].reshape(rows, size), axis=1)
        return dense

    def check(self, encoded: Encoded, full: bool = False) -> None:
        size = self.support(encoded.shape)
        check_arrays(encoded, {"period": 1})
        period = int(encoded["period"][0])
        if not 1 <= period <= self.max_period:
            raise FormatError(f"period: found {period}, allowed 1..{self.max_period}")
        check_arrays(encoded, {"patterns": period * size, "values": encoded.shape[0] * size})
        if encoded.count != encoded.shape[0] * size:
            raise FormatError(f"count: found {encoded.count}, need {encoded.shape[0] * size}")
        if full:
            check_bits(encoded, "values", self.value_width)
            patterns = encoded["patterns"].reshape(period, size)
            rising = np.diff(patterns, axis=1, prepend=-1) > 0
            fail_at("patterns", ~rising.ravel(), "not behind the column before")
            again = self._encode(self._decode(encoded))
            if again["period"][0] != period:
                raise FormatError(f"period: found {period}, {again['period'][0]} is enough")
            moved = again["patterns"] != encoded["patterns"]
            fail_at("patterns", moved, "a column not in use that is not the lowest free one")

    def size(self, encoded: Encoded) -> Size:
        live = int(np.count_nonzero(encoded["values"]))
        return Size(
            values=live * self.value_width,
            tables=PERIOD_WIDTH + encoded["patterns"].size * bits(encoded.shape[1]),
            padding=(encoded.count - live) * self.value_width,
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        return join(
            fields(encoded["period"], PERIOD_WIDTH),
            fields(encoded["patterns"], bits(encoded.shape[1])),
            fields(encoded["values"], self.value_width),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count == shape[0] * self.support(shape)

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        cols, size = shape[1], self.support(shape)
        period = need(reader, PERIOD_WIDTH, 0)
        if not 1 <= period <= self.max_period:
            raise StreamFault(Fault.HEADER, 0)
        table: list[int] = []
        for at in range(period * size):
            table.append(need(reader, bits(cols), 0))
            if table[at] >= cols:
                raise StreamFault(Fault.INDEX, at)
            if at % size and table[at] <= table[at - 1]:
                raise StreamFault(Fault.ORDER, at)
        for entry in range(count):
            value = need(reader, self.value_width, entry)
            row, slot = divmod(entry, size)
            sink.put(row, table[row % period * size + slot], value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        period = pace.take(PERIOD_WIDTH)
        pace.step()
        widths = [bits(shape[1])] * (period * self.support(shape)) + [self.value_width] * count
        for width in widths:
            pace.take(width)
            pace.step()
