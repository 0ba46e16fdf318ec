"""EIE's compressed sparse column format: relative row index, padding entries, PE interleave.

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
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.formats.base import FormatError


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
        rows, cols = self.shape
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
        local = _local_rows(pointers, idx)
        limit = self.local_rows(pe)
        fail("idx", local >= limit, f"row past the slice of {limit} rows")


def _local_rows(pointers: NDArray[np.int64], idx: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Local row of every entry of a PE: running sum of idx+1 inside each column, minus 1."""
    steps = np.cumsum(idx.astype(np.int64) + 1)
    before = np.concatenate(([0], steps))[pointers[:-1]]
    return steps - np.repeat(before, np.diff(pointers)) - 1


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
    cols, height = slices.shape
    flat = np.flatnonzero(slices != 0)
    if flat.size == 0:
        empty = np.zeros(0, dtype=np.uint8)
        return empty, empty, np.zeros(cols + 1, dtype=np.int64)
    col, local = np.divmod(flat, height)
    # Zeros since the entry before: the whole way from the top for the first one of a column.
    gap = np.diff(local, prepend=-1) - 1
    first = np.diff(col, prepend=-1) != 0
    gap[first] = local[first]
    pads = gap >> idx_width
    ends = np.cumsum(pads + 1)  # one past the real entry of each non-zero
    codes = np.zeros(int(ends[-1]), dtype=np.uint8)
    idx = np.full(codes.size, (1 << idx_width) - 1, dtype=np.uint8)
    codes[ends - 1] = slices.ravel()[flat]
    idx[ends - 1] = gap & ((1 << idx_width) - 1)
    pointers = np.zeros(cols + 1, dtype=np.int64)
    pointers[1:] = np.concatenate(([0], ends))[np.searchsorted(col, np.arange(cols), side="right")]
    return codes, idx, pointers


def decode(csc: EieCsc) -> NDArray[np.uint8]:
    """The matrix of codes again: uint8 [M, C]. Raises FormatError where an entry has no place.

    >>> decode(encode([[1, 0], [0, 2], [3, 0]], num_pe=2)).tolist()
    [[1, 0], [0, 2], [3, 0]]
    """
    csc.check()
    rows, cols = csc.shape
    matrix = np.zeros((rows, cols), dtype=np.uint8)
    for pe in range(csc.num_pe):
        local = _local_rows(csc.pointers[pe], csc.idx[pe])
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
