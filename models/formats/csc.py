"""Compressed sparse column with relative row index: EIE's arrays per PE, and the tile stream.

EIE's arrays (``encode``, ``decode``, ``pack_rows``): padding entries, PE interleave.

Source: Han et al., "EIE", ISCA 2016, section III.B, and ``rtl/eie/README.md``.

Row ``q`` of the matrix belongs to processing element (PE) ``q mod N``, as its local row ``q // N``.
Per PE and column, the *slice* (the local rows of that PE) is a list of entries::

    entry: IdxWidth + CodeWidth bits     SRAM row: entry e at [e*EntryWidth +: EntryWidth]
     msb                 lsb              msb                                  lsb
    +---------+-----------+              +------+-----+-----------+-----------+
    |   idx   |   code    |              | 0..0 | ... |  entry 1  |  entry 0  |
    +---------+-----------+              +------+-----+-----------+-----------+

``idx`` zeros lie before the entry within the slice. A run of more than ``2**IdxWidth - 1`` zeros
is broken by padding entries ``(code 0, idx 2**IdxWidth - 1)`` that stand for ``2**IdxWidth`` zeros
each; zeros behind the last non-zero cost nothing. Column ``j`` of PE ``p`` is entries
``pointers[p, j] .. pointers[p, j+1] - 1`` of that PE.

>>> column = [0, 0, 1, 2] + 18 * [0] + [3]
>>> csc = encode(np.array(column)[:, None], num_pe=1, idx_width=4)
>>> csc.codes[0].tolist(), csc.idx[0].tolist(), csc.pointers.tolist()
([1, 2, 0, 3], [2, 0, 15, 2], [[0, 4]])

The tile stream (class ``Csc``) is the same format for one PE, values of any width in place of
codes; C+1 pointers, then the entries, each with its value in the low bits::

    +---------+-----+---------+---------------+-------------+---------------+-----
    | p[0]    | ... | p[C]    | value[0], V   | run[0],     | value[1], V   | ...
    | PtrWidth|     | PtrWidth|               | IdxWidth    |               |
    +---------+-----+---------+---------------+-------------+---------------+-----
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    check_arrays,
    check_pointers,
    need,
    need_pointers,
    need_width,
    pace_lines,
    pace_pointers,
    read_pointers,
    register,
)
from models.formats.bits import BitReader, Fields, entries, fields, join
from models.formats.runs import check_places, check_runs, places, run_size, to_runs


@dataclass(frozen=True, eq=False)
class EieCsc:
    """An encoded matrix.

    codes, idx   per PE, uint8 [entries]
    pointers     int64 [num_pe, C + 1], entry positions, ``pointers[:, 0] == 0``
    shape        (M, C) rows and columns of the matrix
    idx_width, code_width   bits of the two fields of an entry
    """

    codes: tuple[NDArray[np.uint8], ...]
    idx: tuple[NDArray[np.uint8], ...]
    pointers: NDArray[np.int64]
    shape: tuple[int, int]
    idx_width: int
    code_width: int

    @property
    def num_pe(self) -> int:
        return int(self.pointers.shape[0])

    @property
    def entries(self) -> NDArray[np.int64]:
        """Entries of each PE, padding included: int64 [num_pe]."""
        return self.pointers[:, -1]

    def local_rows(self, pe: int) -> int:
        """Rows of the matrix that belong to one PE."""
        return max(0, -(-(self.shape[0] - pe) // self.num_pe))

    def padding(self) -> NDArray[np.int64]:
        """Padding entries of each PE: int64 [num_pe]."""
        return np.array([c.size - np.count_nonzero(c) for c in self.codes], dtype=np.int64)

    def loads(self) -> NDArray[np.int64]:
        """Entries of each slice, padding included: int64 [num_pe, C]."""
        return np.diff(self.pointers, axis=1)

    def size_bits(self, ptr_width: int = 16) -> dict[str, int]:
        """Storage in bits: ``values`` and ``index`` of the real entries, ``padding``, ``pointers``.

        >>> encode(np.eye(4, dtype=int), 2, 4).size_bits()
        {'values': 16, 'index': 16, 'padding': 0, 'pointers': 160}
        """
        pads = int(self.padding().sum())
        real = int(self.entries.sum()) - pads
        return {
            "values": real * self.code_width,
            "index": real * self.idx_width,
            "padding": pads * (self.code_width + self.idx_width),
            "pointers": self.pointers.size * ptr_width,
        }

    def check(self, full: bool = False) -> None:
        """Raise FormatError when a field is wrong; the message names field and position.

        Without ``full`` only sizes and pointers are looked at (no pass over the entries). ``full``
        proves that every slice stays inside its rows, that padding is what the format asks for,
        and that no padding trails, so that ``encode(decode(x))`` gives ``x`` again.
        """
        _rows, cols = self.shape
        if self.pointers.ndim != 2 or self.pointers.shape[1] != cols + 1:
            raise FormatError(
                f"pointers: found shape {self.pointers.shape}, need [PEs, {cols + 1}]"
            )
        if not len(self.codes) == len(self.idx) == self.num_pe:
            raise FormatError(
                f"codes, idx: found {len(self.codes)} and {len(self.idx)} PEs, need {self.num_pe}"
            )
        for pe in range(self.num_pe):
            need = int(self.pointers[pe, -1])
            for name, values in (("codes", self.codes[pe]), ("idx", self.idx[pe])):
                if values.size != need:
                    raise FormatError(f"{name}[{pe}]: found {values.size} entries, need {need}")
            if self.pointers[pe, 0] != 0:
                raise FormatError(f"pointers[{pe}, 0]: found {self.pointers[pe, 0]}, need 0")
        falling = np.argwhere(np.diff(self.pointers, axis=1) < 0)
        if falling.size:
            pe, col = falling[0].tolist()
            raise FormatError(
                f"pointers[{pe}, {col}]: found {self.pointers[pe, col]}, "
                f"the next one is smaller ({self.pointers[pe, col + 1]})"
            )
        if full:
            for pe in range(self.num_pe):
                self._check_pe(pe)

    def _check_pe(self, pe: int) -> None:
        """The checks of ``check(full=True)`` that read every entry of one PE."""
        pointers, codes, idx = self.pointers[pe], self.codes[pe], self.idx[pe]

        def fail(field: str, bad: NDArray[np.bool_], text: str) -> None:
            if bad.any():
                at = int(np.argmax(bad))
                raise FormatError(f"{field}[{pe}][{at}]: {text}")

        fail("codes", codes >> self.code_width != 0, f"above {(1 << self.code_width) - 1}")
        fail("idx", idx >> self.idx_width != 0, f"above {(1 << self.idx_width) - 1}")
        pad = codes == 0
        fail("idx", pad & (idx != (1 << self.idx_width) - 1), "padding entry without the full run")
        last = np.zeros(codes.size, dtype=bool)
        last[pointers[1:][np.diff(pointers) > 0] - 1] = True
        fail("codes", pad & last, "padding entry at the end of a column")
        local = places(idx, pointers)
        limit = self.local_rows(pe)
        fail("idx", local >= limit, f"row past the slice of {limit} rows")


def encode(
    codes: ArrayLike, num_pe: int, idx_width: int = 4, code_width: int | None = None
) -> EieCsc:
    """Encode a matrix of codebook indices, int [M, C], 0 where the weight is zero.

    ``code_width`` defaults to the bits of the largest code, at least 4. Raises ValueError on a
    matrix that is not 2-D or empty, on codes outside ``code_width`` and on widths outside 1..8.

    >>> csc = encode([[1, 0], [0, 2], [3, 0]], num_pe=2)
    >>> [c.tolist() for c in csc.codes], csc.pointers.tolist()
    ([[1, 3], [2]], [[0, 2, 2], [0, 0, 1]])
    """
    matrix = np.asarray(codes)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"codes: found shape {matrix.shape}, need [rows, columns], not empty")
    if matrix.dtype.kind not in "iu":
        raise ValueError(f"codes: found dtype {matrix.dtype}, need integers")
    if not 1 <= idx_width <= 8:
        raise ValueError(f"idx_width: {idx_width} is not in 1..8")
    if num_pe < 1:
        raise ValueError(f"num_pe: {num_pe} is below 1")
    low, high = int(matrix.min()), int(matrix.max())
    code_width = max(4, high.bit_length()) if code_width is None else code_width
    if not 1 <= code_width <= 8:
        raise ValueError(f"code_width: {code_width} is not in 1..8")
    if low < 0 or high >> code_width:
        raise ValueError(f"codes: found {low}..{high}, need 0..{(1 << code_width) - 1}")

    rows, cols = matrix.shape
    pointers = np.zeros((num_pe, cols + 1), dtype=np.int64)
    all_codes, all_idx = [], []
    for pe in range(num_pe):
        part = np.ascontiguousarray(matrix[pe::num_pe].astype(np.uint8, copy=False).T)
        pe_codes, pe_idx, pointers[pe] = _encode_slices(part, idx_width)
        all_codes.append(pe_codes)
        all_idx.append(pe_idx)
    return EieCsc(tuple(all_codes), tuple(all_idx), pointers, (rows, cols), idx_width, code_width)


def _encode_slices(
    slices: NDArray[np.uint8], idx_width: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
    """Entries of one PE: slices uint8 [C, local rows] -> (codes, idx, pointers [C + 1])."""
    lines, length = slices.shape
    flat = np.flatnonzero(slices != 0)
    codes, idx, pointers = to_runs(flat, slices.ravel()[flat], lines, length, idx_width)
    return codes, idx.astype(np.uint8), pointers


def decode(csc: EieCsc) -> NDArray[np.uint8]:
    """The matrix of codes again: uint8 [M, C]. Raises FormatError where an entry has no place.

    >>> decode(encode([[1, 0], [0, 2], [3, 0]], num_pe=2)).tolist()
    [[1, 0], [0, 2], [3, 0]]
    """
    csc.check()
    rows, cols = csc.shape
    matrix = np.zeros((rows, cols), dtype=np.uint8)
    for pe in range(csc.num_pe):
        local = places(csc.idx[pe], csc.pointers[pe])
        past = local >= csc.local_rows(pe)
        if past.any():
            at = int(np.argmax(past))
            raise FormatError(f"idx[{pe}][{at}]: row past the slice of {csc.local_rows(pe)} rows")
        col = np.repeat(np.arange(cols), np.diff(csc.pointers[pe]))
        matrix[local * csc.num_pe + pe, col] = csc.codes[pe]
    return matrix


def pack_rows(
    codes: NDArray[np.uint8],
    idx: NDArray[np.uint8],
    entries_per_row: int,
    code_width: int = 4,
    idx_width: int = 4,
) -> NDArray[np.uint64]:
    """Entries of a PE as SRAM rows: uint64 [rows, words], unused entries and high bits zero.

    Row ``r`` holds entries ``r*entries_per_row ..``, entry ``e`` at bits
    ``[e*EntryWidth +: EntryWidth]`` of the row, word 0 the low 64 bits.

    >>> rows = pack_rows(np.array([1, 2, 0, 3]), np.array([2, 0, 15, 2]), 8)
    >>> [hex(word) for word in rows[0].tolist()]
    ['0x23f00221']
    """
    width = code_width + idx_width
    count = -(-codes.size // entries_per_row)
    entries = np.zeros((count, entries_per_row), dtype=np.uint64)
    entries.reshape(-1)[: codes.size] = (idx.astype(np.uint64) << np.uint64(code_width)) | (
        codes.astype(np.uint64)
    )
    rows = np.zeros((count, -(-entries_per_row * width // 64)), dtype=np.uint64)
    for entry in range(entries_per_row):
        word, low = divmod(entry * width, 64)
        rows[:, word] |= entries[:, entry] << np.uint64(low)
        if low + width > 64:
            rows[:, word + 1] |= entries[:, entry] >> np.uint64(64 - low)
    return rows


def unpack_rows(
    rows: NDArray[np.uint64], entries_per_row: int, code_width: int = 4, idx_width: int = 4
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The inverse of ``pack_rows``: (codes, idx), uint8 [rows * entries_per_row].

    >>> [part.tolist() for part in unpack_rows(np.array([[0x23F00221]], dtype=np.uint64), 4)]
    [[1, 2, 0, 3], [2, 0, 15, 2]]
    """
    width = code_width + idx_width
    entries = np.zeros((rows.shape[0], entries_per_row), dtype=np.uint64)
    for entry in range(entries_per_row):
        word, low = divmod(entry * width, 64)
        entries[:, entry] = rows[:, word] >> np.uint64(low)
        if low + width > 64:
            entries[:, entry] |= rows[:, word + 1] << np.uint64(64 - low)
    flat = entries.ravel() & np.uint64((1 << width) - 1)
    codes = (flat & np.uint64((1 << code_width) - 1)).astype(np.uint8)
    return codes, (flat >> np.uint64(code_width)).astype(np.uint8)


@register
@dataclass(frozen=True)
class Csc(Format):
    """CSC with relative index as a tile stream: values of 1..32 bits, runs 1..16, pointers 1..32.

    Arrays of ``Encoded``: values, runs int64 [entries, column by column], placeholders among them;
    pointers int64 [columns + 1].

    >>> csc = Csc(value_width=8, idx_width=2)
    >>> encoded = csc.encode([[0, 1], [0, 0], [0, 0], [0, 0], [0, 0], [0, 2]])
    >>> [encoded[name].tolist() for name in ("values", "runs", "pointers")]
    [[1, 0, 2], [0, 3, 0], [0, 0, 3]]
    """

    value_width: int = 8
    idx_width: int = 4
    ptr_width: int = 16
    name: ClassVar[str] = "csc"

    def __post_init__(self) -> None:
        need_width("value_width", self.value_width, 1, MAX_VALUE_WIDTH)
        need_width("idx_width", self.idx_width, 1, 16)
        need_width("ptr_width", self.ptr_width, 1, 32)

    def _encode(self, raw: NDArray[np.int64]) -> Encoded:
        columns = np.ascontiguousarray(raw.T)
        flat = np.flatnonzero(columns)
        lines, length = columns.shape
        values, runs, pointers = to_runs(flat, columns.ravel()[flat], lines, length, self.idx_width)
        need_pointers(self.ptr_width, values.size)
        arrays = {"values": values, "runs": runs, "pointers": pointers}
        return Encoded(self, raw.shape, values.size, arrays)

    def _decode(self, encoded: Encoded) -> NDArray[np.int64]:
        rows, cols = encoded.shape
        pointers = encoded["pointers"]
        check_places(encoded, pointers, rows)
        row = places(encoded["runs"], pointers)
        col = np.repeat(np.arange(cols), np.diff(pointers))
        return self.place(encoded.shape, row * cols + col, encoded["values"])

    def check(self, encoded: Encoded, full: bool = False) -> None:
        check_arrays(encoded, {"values": encoded.count, "runs": encoded.count})
        pointers = encoded.arrays.get("pointers", np.zeros(0, dtype=np.int64))
        check_pointers(pointers, encoded.shape[1], encoded.count)
        if full:
            widths = self.value_width, self.idx_width
            check_runs(encoded, pointers, encoded.shape[0], *widths)

    def size(self, encoded: Encoded) -> Size:
        pointers = encoded["pointers"].size * self.ptr_width
        return run_size(encoded, self.value_width, self.idx_width, pointers)

    def _payload(self, encoded: Encoded, word_width: int) -> Fields:
        values, runs = encoded["values"], encoded["runs"]
        return join(
            fields(encoded["pointers"], self.ptr_width),
            entries((values, self.value_width), (runs, self.idx_width)),
        )

    def _count_fits(self, count: int, shape: Shape) -> bool:
        return count <= shape[0] * shape[1]

    def _scan(self, reader: BitReader, count: int, shape: Shape, sink: Sink) -> None:
        pointers = read_pointers(reader, shape[1], self.ptr_width, count)
        full = (1 << self.idx_width) - 1
        for col in range(shape[1]):
            row = -1
            for entry in range(pointers[col], pointers[col + 1]):
                both = need(reader, self.value_width + self.idx_width, entry)
                value = both & ((1 << self.value_width) - 1)
                run = both >> self.value_width
                row += run + 1
                if row >= shape[0]:
                    raise StreamFault(Fault.INDEX, entry)
                if value == 0 and (run != full or entry + 1 == pointers[col + 1]):
                    raise StreamFault(Fault.PLACEHOLDER, entry)
                sink.put(row, col, value)

    def _pace(self, pace: Pace, count: int, shape: Shape, lanes: int) -> None:
        def entry() -> None:
            pace.take(self.value_width + self.idx_width)
            pace.step()

        pace_lines(pace, pace_pointers(pace, shape[1], self.ptr_width), entry)

    def _line(self, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.int64]:
        return cols
