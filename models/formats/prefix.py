"""Prefix codes: optimal lengths under a limit, canonical codes.

Sources: Larmore and Hirschberg, "A fast algorithm for optimal length-limited Huffman codes",
J. ACM 37(3), 1990 (package-merge); canonical codes as in RFC 1951, section 3.2.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Longest code of the stream, bits.
MAX_LENGTH = 16


def code_lengths(counts: ArrayLike, limit: int = MAX_LENGTH) -> NDArray[np.int64]:
    """Code length of every symbol, int64 of the shape of ``counts`` [symbols], 0 where unused.

    The lengths minimise ``sum(counts * lengths)`` among all prefix codes with no length above
    ``limit``. One symbol alone gets length 1. Raises ValueError when the counts are negative or
    when more symbols are in use than ``2**limit``.

    >>> code_lengths([5, 0, 1, 1, 2]).tolist(), code_lengths([5, 0, 1, 1, 2], limit=2).tolist()
    ([1, 0, 3, 3, 2], [2, 0, 2, 2, 2])
    """
    counts = np.asarray(counts, dtype=np.int64)
    if counts.ndim != 1 or (counts < 0).any():
        raise ValueError(f"counts: found shape {counts.shape}, need one axis, nothing negative")
    if limit < 1:
        raise ValueError(f"limit: {limit} is below 1")
    used = np.flatnonzero(counts)
    if used.size > 1 << limit:
        raise ValueError(f"counts: {used.size} symbols in use, {limit} bits name {1 << limit}")
    lengths = np.zeros(counts.size, dtype=np.int64)
    if used.size <= 1:
        lengths[used] = 1
        return lengths
    order = used[np.argsort(counts[used], kind="stable")]
    lengths[order] = _package_merge(counts[order], limit)
    return lengths


def _package_merge(weights: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Lengths of ascending weights, int64 [n], n > 1.

    Level by level the items are the leaves and the packages (pairs of items of the level below),
    sorted. The ``2n - 2`` cheapest items of the top level hold each leaf as often as its code is
    long; a prefix of a level unfolds to a prefix of the level below, so counting is enough.
    """
    size = weights.size
    levels: list[NDArray[np.bool_]] = []
    items = weights
    leaf = np.ones(size, dtype=bool)
    for _ in range(limit):
        levels.append(leaf)
        even = items.size // 2 * 2
        packages = items[:even:2] + items[1:even:2]
        merged = np.concatenate([weights, packages])
        order = np.argsort(merged, kind="stable")
        items, leaf = merged[order], order < size
    lengths = np.zeros(size, dtype=np.int64)
    take = 2 * size - 2
    for leaf in reversed(levels):
        leaves = int(np.count_nonzero(leaf[:take]))
        lengths[:leaves] += 1
        take = 2 * (take - leaves)
    return lengths


def canonical(lengths: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(symbols, codes), int64 [n] each, in canonical order: by length, then by symbol.

    A code is a number of ``lengths[symbol]`` bits, its first bit the highest; codes of one length
    count up, and the first of the next length goes on where they end, shifted left.

    >>> symbols, codes = canonical([1, 0, 3, 3, 2])
    >>> symbols.tolist(), [bin(code) for code in codes]
    ([0, 4, 2, 3], ['0b0', '0b10', '0b110', '0b111'])
    """
    lengths = np.asarray(lengths, dtype=np.int64)
    used = np.flatnonzero(lengths)
    symbols = used[np.argsort(lengths[used], kind="stable")]
    ordered = lengths[symbols]
    # In units of the longest code every code starts where the ones before it end.
    top = int(ordered[-1]) if ordered.size else 0
    space = np.int64(1) << (top - ordered)
    start = np.cumsum(space) - space
    return symbols, start >> (top - ordered)


def reverse_bits(codes: ArrayLike, lengths: ArrayLike) -> NDArray[np.int64]:
    """The codes with their ``lengths`` bits in reverse order: first bit lowest, as in the stream.

    >>> reverse_bits([0b110, 0b1], [3, 2]).tolist()
    [3, 2]
    """
    rest, length = np.asarray(codes, np.int64), np.asarray(lengths, np.int64)
    result = np.zeros(np.broadcast_shapes(rest.shape, length.shape), dtype=np.int64)
    for bit in range(int(length.max(initial=0))):
        result |= np.where(bit < length, (rest >> bit & 1) << np.maximum(length - 1 - bit, 0), 0)
    return result
