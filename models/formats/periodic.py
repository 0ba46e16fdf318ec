"""Periodic pattern (SPS): row r keeps the columns of pattern ``r mod period``.

A matrix row is what the pattern is for, e.g. a 3x3 kernel with its nine weights as columns; a
layer has one table of ``period`` patterns, each of 0..Kss columns, and values in row order.
``count`` is the number of values. The payload::

    +--------+---------------------------+---------------------------+-----+------------+---------
    | period | pattern 0: size, columns  | pattern 1: size, columns  | ... | values of  | row 1 ...
    | 8      | bits(Kss+1), bits(C) each | rising                    |     | row 0, V   |
    +--------+---------------------------+---------------------------+-----+------------+---------

A pattern has the columns that some row of it uses, a row that is zero in one of them stores the 0.
``Kss`` above C means C.

Source: Heo et al., "Sparse Periodic Systolic Dataflow", ISLPED 2022 (arXiv 2207.00068): layers
with periodic patterns, weights in compiler order, an index that is only the patterns. The widths
here are ours; the paper's are not public.

>>> periodic = Periodic(value_width=4, kss=2)
>>> encoded = periodic.encode([[1, 0, 2, 0], [0, 3, 0, 0], [5, 0, 6, 0]])
>>> [encoded[name].tolist() for name in ("period", "sizes", "patterns", "values")]
[[2], [2, 1], [0, 2, 1], [1, 2, 3, 5, 6]]
>>> periodic.size(encoded)
Size(values=20, indices=0, pointers=0, tables=18, padding=0)

Arrays of ``Encoded``: period int64 [1], sizes int64 [period], patterns int64 [sum of sizes],
values int64 [count].
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
    """Patterns of up to ``kss`` columns, at most ``max_period`` (1..255), values of ``value_width``
    bits.

    ``encode`` takes the period that needs the fewest bits, of several the shortest, and raises
    ValueError where no period up to ``max_period`` holds all non-zeros.
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
        """Most columns of a pattern."""
        return min(self.kss, shape[1])

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        used = self._find_patterns(raw != 0)
        rows = np.arange(raw.shape[0]) % len(used)
        values = raw[used[rows]]
        arrays = {
            "period": np.array([len(used)], dtype=np.int64),
            "sizes": used.sum(axis=1, dtype=np.int64),
            "patterns": np.nonzero(used)[1].astype(np.int64),
            "values": values,
        }
        return Encoded(self, raw.shape, values.size, arrays)

    def _find_patterns(self, live: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Columns in use by each pattern of the best period: bool [period, C]."""
        rows, cols = live.shape
        loads = live.sum(axis=1)
        if (loads > self.kss).any():
            row = int(np.argmax(loads > self.kss))
            raise ValueError(f"matrix: row {row} holds {loads[row]} non-zeros, Kss is {self.kss}")
        packed = np.packbits(live, axis=1)
        best: tuple[int, NDArray[np.bool_]] | None = None
        for period in range(1, min(self.max_period, max(1, rows)) + 1):
            whole = rows - rows % period
            joined = np.bitwise_or.reduce(
                packed[:whole].reshape(rows // period, period, -(-cols // 8))
            )
            joined[: rows - whole] |= packed[whole:]
            used = np.unpackbits(joined, axis=1, count=cols).astype(bool)
            sizes = used.sum(axis=1)
            if sizes.max() > self.kss:
                continue
            cost = self._table_bits(period, int(sizes.sum()), (rows, cols))
            cost += int(sizes @ _repeats(rows, period)) * self.value_width
            if best is None or cost < best[0]:
                best = cost, used
        if best is None:
            raise ValueError(f"matrix: no period up to {self.max_period} with {self.kss} columns")
        return best[1]

    def _table_bits(self, period: int, places: int, shape: Shape) -> int:
        size = bits(self.support(shape) + 1)
        return PERIOD_WIDTH + period * size + places * bits(shape[1])

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        rows, cols = encoded.shape
        sizes, patterns = encoded["sizes"], encoded["patterns"]
        fail_at("patterns", (patterns < 0) | (patterns >= cols), f"outside 0..{cols - 1}")
        of_row, place = self._places(encoded)
        dense = np.zeros((rows, cols), dtype=np.int64)
        dense[of_row, patterns[(np.cumsum(sizes) - sizes)[of_row % sizes.size] + place]] = encoded[
            "values"
        ]
        return dense

    @staticmethod
    def _places(encoded: Encoded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row of each value, and its place in the pattern of the row: int64 [count] each."""
        sizes, rows = encoded["sizes"], np.arange(encoded.shape[0])
        each = sizes[rows % sizes.size]
        of_row = np.repeat(rows, each)
        return of_row, np.arange(of_row.size) - np.repeat(np.cumsum(each) - each, each)

    def check(self, encoded: Encoded, full: bool = False) -> None:
        support = self.support(encoded.shape)
        check_arrays(encoded, {"period": 1})
        period = int(encoded["period"][0])
        if not 1 <= period <= self.max_period:
            raise FormatError(f"period: found {period}, allowed 1..{self.max_period}")
        check_arrays(encoded, {"sizes": period})
        sizes = encoded["sizes"]
        fail_at("sizes", (sizes < 0) | (sizes > support), f"outside 0..{support}")
        count = int(sizes @ _repeats(encoded.shape[0], period))
        check_arrays(encoded, {"patterns": int(sizes.sum()), "values": count})
        if encoded.count != count:
            raise FormatError(f"count: found {encoded.count}, need {count}")
        if full:
            check_bits(encoded, "values", self.value_width)
            patterns = encoded["patterns"]
            first = np.zeros(patterns.size, dtype=bool)
            first[(np.cumsum(sizes) - sizes)[sizes > 0]] = True
            rising = (np.diff(patterns, prepend=-1) > 0) | first
            fail_at("patterns", ~rising, "not behind the column before")
            matrix = self._decode(encoded)
            live = [(matrix[phase::period] != 0).any(axis=0) for phase in range(period)]
            phases = np.repeat(np.arange(period), sizes)
            fail_at("patterns", ~np.array(live)[phases, patterns], "a column not in use")
            found = len(self._find_patterns(matrix != 0))
            if found != period:
                raise FormatError(f"period: found {period}, {found} takes fewer bits")

    def size(self, encoded: Encoded) -> Size:
        live = int(np.count_nonzero(encoded["values"]))
        period, places = encoded["sizes"].size, encoded["patterns"].size
        return Size(
            values=live * self.value_width,
            tables=self._table_bits(period, places, encoded.shape),
            padding=(encoded.count - live) * self.value_width,
        )

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        sizes, width = encoded["sizes"], bits(encoded.shape[1])
        begins = np.cumsum(sizes) - sizes
        parts = [fields(encoded["period"], PERIOD_WIDTH)]
        for size, begin in zip(sizes, begins, strict=True):
            parts.append(fields(np.array([size]), bits(self.support(encoded.shape) + 1)))
            parts.append(fields(encoded["patterns"][begin : begin + size], width))
        return join(*parts, fields(encoded["values"], self.value_width))

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * self.support(shape)

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        period = need(reader, PERIOD_WIDTH, 0)
        if not 1 <= period <= self.max_period:
            raise StreamFault(Fault.HEADER, 0)
        table: list[list[int]] = []
        at = 0
        for _ in range(period):
            table.append(self._scan_pattern(reader, shape, at))
            at += len(table[-1])
        entry = 0
        for row in range(shape[0]):
            for column in table[row % period]:
                if entry == count:
                    raise StreamFault(Fault.COUNT, entry)
                sink.put(row, column, need(reader, self.value_width, entry))
                entry += 1
        if entry < count:
            raise StreamFault(Fault.COUNT, entry)

    def _scan_pattern(self, reader: BitReader, shape: Shape, at: int) -> list[int]:
        """Columns of a pattern, ``at`` of them before it in the table."""
        cols, support = shape[1], self.support(shape)
        size = need(reader, bits(support + 1), 0)
        if size > support:
            raise StreamFault(Fault.INDEX, at)
        found: list[int] = []
        for slot in range(size):
            found.append(need(reader, bits(cols), 0))
            if found[slot] >= cols:
                raise StreamFault(Fault.INDEX, at + slot)
            if slot and found[slot] <= found[slot - 1]:
                raise StreamFault(Fault.ORDER, at + slot)
        return found

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        period = pace.take(PERIOD_WIDTH)
        pace.step()
        sizes = []
        for _ in range(period):
            sizes.append(pace.take(bits(self.support(shape) + 1)))
            pace.step()
            for _ in range(sizes[-1]):
                pace.take(bits(shape[1]))
                pace.step()
        for row in range(shape[0]):
            for _ in range(sizes[row % period]):
                pace.take(self.value_width)
                pace.step()
            if not sizes[row % period]:  # a row without values is a step that takes nothing
                pace.step()


def _repeats(rows: int, period: int) -> NDArray[np.int64]:
    """Rows of each pattern, int64 [period].

    >>> _repeats(5, 3).tolist()
    [2, 2, 1]
    """
    phases = np.arange(period)
    return np.maximum(0, (rows - phases + period - 1) // period)
