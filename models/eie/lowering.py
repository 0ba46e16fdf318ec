"""From a layer to weight segments that fit a build of EIE: codebook, row order, cuts.

A segment is a block of the weight matrix (output rows x input columns) that fits the memories of
the build at once. Positions: output position ``q`` of a segment sits in PE ``q mod NumPe``;
``Segment.rows[q]`` is the layer's row that was put there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.checks import CHUNK, check_bias, check_shift, check_weights
from models.eie.config import EieConfig
from models.formats.csc import EieCsc, encode
from models.layer import Layer
from models.quantization import quantize_weights


@dataclass(frozen=True, eq=False)
class Lowered:
    """A layer as a matrix of codebook indices.

    codes   uint8 [K, C*R*S]
    values  int64 [entries], the codebook, ``values[0] == 0``
    bias    int64 [K], None when all zero
    """

    name: str
    codes: NDArray[np.uint8]
    values: NDArray[np.int64]
    bias: NDArray[np.int64] | None


@dataclass(frozen=True, eq=False)
class Segment:
    """A block of the weight matrix that one pass multiplies.

    rows          int64 [OUT_LEN], position -> row of the layer
    first, last   columns ``first .. last-1``
    csc           the encoded rows, all columns of the layer
    bias          int64 [OUT_LEN] by position, or None; on the first block of a row block only
    """

    rows: NDArray[np.int64]
    first: int
    last: int
    csc: EieCsc
    bias: NDArray[np.int64] | None

    @property
    def in_len(self) -> int:
        return self.last - self.first

    @property
    def entries(self) -> NDArray[np.int64]:
        """Entries of each PE: int64 [num_pe]."""
        return self.csc.pointers[:, self.last] - self.csc.pointers[:, self.first]


def find_codebook(
    weights: NDArray[np.int64], code_width: int, wgt_width: int, name: str = "layer"
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Codes and codebook of a weight matrix: uint8 [K, N], int64 [entries] ascending behind 0.

    Raises ValueError when a weight is wider than ``wgt_width`` or there are more than
    ``2**code_width`` values, zero counted.

    >>> codes, values = find_codebook(np.array([[7, 0, -3], [-3, 7, 7]]), 4, 16)
    >>> codes.tolist(), values.tolist()
    ([[2, 0, 1], [1, 2, 2]], [0, -3, 7])
    """
    low, high = int(weights.min()), int(weights.max())
    check_weights(name, low, high, wgt_width)
    step = max(1, CHUNK // weights.shape[1])
    blocks = [slice(at, at + step) for at in range(0, weights.shape[0], step)]
    present = np.zeros(high - low + 1, dtype=bool)
    for block in blocks:
        present[weights[block] - low] = True
    values = np.flatnonzero(present) + low
    values = np.concatenate(([0], values[values != 0])).astype(np.int64)
    if values.size > 1 << code_width:
        raise ValueError(
            f"weights: layer '{name}' has {values.size} different values (zero counted), "
            f"a codebook of code_width {code_width} holds {1 << code_width}; need BITS="
        )
    lut = np.zeros(present.size, dtype=np.uint8)
    lut[values[1:] - low] = np.arange(1, values.size)
    codes = np.empty(weights.shape, dtype=np.uint8)
    for block in blocks:
        codes[block] = lut[weights[block] - low]
    return codes, values


def shared(layer: Layer, config: EieConfig) -> Layer:
    """The layer with as many different weights as the codebook of the build has values: itself, or
    one whose weights are shared by k-means (``models/quantization``), rounded to integers.

    >>> config = EieConfig(code_width=2, spmat_width=48)
    >>> shared(Layer([[1, 2, 3, 90]], [1, 1, 1, 1]), config).weights.ravel().tolist()
    [1, 2, 2, 90]
    """
    if np.union1d(layer.weights, [0]).size <= 1 << config.code_width:
        return layer
    made = quantize_weights(layer.weights, config.code_width, config.wgt_width, exponent=0)
    return replace(layer, weights=made.integers)


def lower(layer: Layer, config: EieConfig) -> Lowered:
    """The matrix of a layer; raises ValueError on what the widths of the build cannot hold."""
    if layer.groups > 1:
        raise ValueError(f"groups: found {layer.groups} in '{layer.name}', need 1 here")
    check_shift(layer, config.acc_width)
    matrix = layer.weights.reshape(layer.weights.shape[0], -1)
    codes, values = find_codebook(matrix, config.code_width, config.wgt_width, layer.name)
    bias = check_bias(layer, config.bias_width)
    return Lowered(layer.name, codes, values, bias)


def balance_rows(codes: NDArray[np.uint8], num_pe: int) -> NDArray[np.int64]:
    """Row order int64 [M] (position -> row) that evens out the load of the PEs in every column.

    Rows in descending count of non-zeros; each goes to the PE with room that adds least to the sum
    over columns of load squared, then to the one with the smaller total load. Every PE gets as
    many rows as under ``row mod num_pe``, in ascending order.

    >>> balance_rows(np.array([[1, 1], [1, 0], [1, 1], [0, 0]], dtype=np.uint8), 2).tolist()
    [0, 2, 1, 3]
    """
    rows, cols = codes.shape
    order = np.arange(rows)
    if num_pe == 1 or rows <= num_pe:
        return order
    room = (rows - np.arange(num_pe) + num_pe - 1) // num_pe
    counts = np.count_nonzero(codes, axis=1)
    live = np.flatnonzero(codes != 0) % cols
    ends = np.cumsum(counts)
    load = np.zeros((cols, num_pe), dtype=np.float32)
    total = np.zeros(num_pe)
    ones = np.ones(int(counts.max()), dtype=np.float32)
    owner = np.empty(rows, dtype=np.int64)
    for row in np.argsort(-counts, kind="stable").tolist():
        mine = live[ends[row] - counts[row] : ends[row]]
        # Adding 1 to load L costs 2L + 1: the sum of L over the row's columns ranks the PEs.
        cost = (ones[: mine.size] @ load[mine]).astype(np.float64) * 2.0**32 + total
        cost[room == 0] = np.inf
        pe = int(np.argmin(cost))
        owner[row] = pe
        room[pe] -= 1
        total[pe] += mine.size
        load[mine, pe] += 1
    grouped = np.argsort(owner, kind="stable")  # PE by PE, ascending rows in each
    local = np.arange(rows) - np.searchsorted(owner[grouped], owner[grouped])
    order[local * num_pe + owner[grouped]] = grouped
    return order


def cut(lowered: Lowered, config: EieConfig) -> list[list[Segment]]:
    """Segments of a layer: per block of rows, the blocks of columns in order."""
    limit = config.act_regs * config.num_pe
    if lowered.bias is not None:
        limit = min(limit, config.bias_depth * config.num_pe)
    todo = [
        (at, min(at + limit, lowered.codes.shape[0]))
        for at in range(0, lowered.codes.shape[0], limit)
    ]
    result = []
    while todo:
        first, last = todo.pop(0)
        block = lowered.codes[first:last]
        order = np.arange(last - first)
        if config.balance:
            order = balance_rows(block, config.num_pe)
        csc = encode(block[order], config.num_pe, config.idx_width, config.code_width)
        if csc.loads().max() > config.max_entries:
            # One column is too long for a PE. With a single row per PE it always fits.
            half = -(-(last - first) // (2 * config.num_pe)) * config.num_pe
            todo[:0] = [(first, first + half), (first + half, last)]
            continue
        rows = first + order
        bias = None if lowered.bias is None else lowered.bias[rows]
        result.append(
            [
                Segment(rows, begin, end, csc, bias if begin == 0 else None)
                for begin, end in _column_blocks(csc, config)
            ]
        )
    return result


def _column_blocks(csc: EieCsc, config: EieConfig) -> list[tuple[int, int]]:
    """Greedy cut of the columns by pointers, activation words and weight entries."""
    widest = min(config.ptr_depth - 1, config.act_depth * config.num_pe)
    cols = csc.shape[1]
    blocks = []
    begin = 0
    while begin < cols:
        end = min(begin + widest, cols)
        need = csc.pointers[:, begin + 1 : end + 1] - csc.pointers[:, begin : begin + 1]
        over = (need > config.max_entries).any(axis=0)
        if over.any():
            end = begin + int(np.argmax(over))
        blocks.append((begin, end))
        begin = end
    return blocks
