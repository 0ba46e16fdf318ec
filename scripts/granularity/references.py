"""References to partial sums: how often an accelerator touches an accumulator.

A reference is one read-modify-write. Without merging each product of two non-zeros is one. Products
that meet in the same output can be merged before the accumulator; how many do, depends on what is
seen at once. Two definitions:

D1  all of a grain with all activations that it meets (a row of the map for a vector, the plane for
    a kernel, all planes for a filter): one reference for each distinct output of that. Counted
    exactly (``distinct``).
D2  one step of F weights x I activations of one channel, both non-zero, as they follow each other
    in SCNN's streams: one reference for each distinct output of the step. Counted on steps that
    are drawn at random, with the standard error (``merging``).

Maps are stride 1; ``pad`` zeros on each side. Products whose output lies outside are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Rows and columns of PEs that share a plane, weights and activations of a step, filters of a
#: group, as in SCNN.
PE_GRID = (8, 8)
FACTORS = (4, 4)
GROUP = 8
#: Steps drawn for ``merging``.
DRAWN = 60_000


def _shifted(acts: Bools, taps: tuple[int, int], pad: int) -> Iterator[tuple[int, int, Bools]]:
    """(r, s, [C, P, Q]): what each tap of a kernel sees at every output."""
    rows, cols = taps
    padded = np.pad(acts, ((0, 0), (pad, pad), (pad, pad)))
    high, wide = padded.shape[1] - rows + 1, padded.shape[2] - cols + 1
    for r in range(rows):
        for s in range(cols):
            yield r, s, padded[:, r : r + high, s : s + wide]


def products(mask: Bools, acts: Bools, pad: int) -> int:
    """Products of two non-zeros: weights [K, C, R, S] on activations [C, H, W].

    >>> products(np.ones((1, 1, 1, 2), bool), np.array([[[True, False, True]]]), 0)
    2
    """
    found = 0
    for r, s, seen in _shifted(acts, mask.shape[2:], pad):
        found += int((mask[:, :, r, s].sum(axis=0) * seen.sum(axis=(1, 2))).sum())
    return found


def _vector(mask: Bools, acts: Bools, pad: int) -> int:
    rows, cols = mask.shape[2:]
    seen: dict[int, Bools] = {}
    for r, _, one in _shifted(acts, (rows, cols), pad):
        seen[r] = seen[r] | one if r in seen else one
    grains = mask.any(axis=3).sum(axis=0)
    return sum(int((grains[:, r] * seen[r].sum(axis=(1, 2))).sum()) for r in range(rows))


def _window(acts: Bools, taps: tuple[int, int], pad: int) -> Bools:
    """[C, P, Q]: outputs whose window has a non-zero."""
    found: Bools | None = None
    for _, _, one in _shifted(acts, taps, pad):
        found = one.copy() if found is None else np.logical_or(found, one, out=found)
    assert found is not None
    return found


def _kernel(mask: Bools, acts: Bools, pad: int) -> int:
    outputs = _window(acts, mask.shape[2:], pad).sum(axis=(1, 2))
    return int((mask.any(axis=(2, 3)).sum(axis=0) * outputs).sum())


def _filter(mask: Bools, acts: Bools, pad: int) -> int:
    outputs = int(_window(acts, mask.shape[2:], pad).any(axis=0).sum())
    return int(mask.any(axis=(1, 2, 3)).sum()) * outputs


def _block(mask: Bools, acts: Bools, pad: int, channels: int) -> int:
    """Blocks of filters x ``channels``: every filter of a block has references of its own."""
    starts = np.arange(0, mask.shape[1], channels)
    grains = np.logical_or.reduceat(mask, starts, axis=1).sum(axis=0)
    found = 0
    for r, s, seen in _shifted(acts, mask.shape[2:], pad):
        outputs = np.logical_or.reduceat(seen, starts, axis=0).sum(axis=(1, 2))
        found += int((grains[:, r, s] * outputs).sum())
    return found


def distinct(grain: str, mask: Bools, acts: Bools, pad: int, channels: int = 4) -> int:
    """References by D1 of weights [K, C, R, S], pruned at a granularity, on maps [C, H, W].

    ``channels``: side of a block along the channels. Zeros inside a grain that is kept count as
    weights, where there are any.

    >>> mask, acts = np.ones((1, 1, 1, 2), bool), np.array([[[True, True, True]]])
    >>> distinct("fine", mask, acts, 0), distinct("vector", mask, acts, 0)
    (4, 2)
    """
    ways: dict[str, Callable[[], int]] = {
        "fine": lambda: products(mask, acts, pad),
        "vector": lambda: _vector(mask, acts, pad),
        "kernel": lambda: _kernel(mask, acts, pad),
        "filter": lambda: _filter(mask, acts, pad),
        "block": lambda: _block(mask, acts, pad, channels),
    }
    return ways[grain]()


@dataclass(frozen=True, eq=False)
class Steps:
    """What arrives together, step by step, channel by channel.

    index   int64 [n, lanes] place in the array that was cut up, -1 where a lane is empty
    first   int64 [C + 1] first step of each channel
    """

    index: Ints
    first: Ints


def _steps(groups: Bools, lanes: int, channels: int) -> Steps:
    """Non-zeros of ``groups`` [G, n], row after row, ``lanes`` at a time; G in order of channel."""
    flat = np.flatnonzero(groups)
    group = flat // groups.shape[1]
    counts = np.bincount(group, minlength=len(groups))
    before = np.cumsum(counts) - counts
    steps = -(-counts // lanes)
    start = np.cumsum(steps) - steps
    rank = np.arange(flat.size) - before[group]
    index = np.full((int(steps.sum()), lanes), -1, dtype=np.int64)
    index[start[group] + rank // lanes, rank % lanes] = flat
    by_channel = steps.reshape(channels, -1).sum(axis=1)
    return Steps(index, np.concatenate([[0], np.cumsum(by_channel)]))


@dataclass(frozen=True, eq=False)
class Streams:
    """Weights and activations of a layer as SCNN would stream them.

    k, r, s      of a weight; y, x of an activation, by step and lane, -1 in empty lanes of k and y
    """

    k: Ints
    r: Ints
    s: Ints
    y: Ints
    x: Ints
    weights: Steps
    acts: Steps


def streams(mask: Bools, acts: Bools, aligned: bool = False) -> Streams:
    """Steps of a layer [K, C, R, S] on maps [C, H, W].

    A PE holds a tile of the plane, and reads it row by row, channel by channel; weights come by
    groups of ``GROUP`` filters, in the order k, r, s. With ``aligned`` a step has the weights of
    one row of one kernel, not the next F.
    """
    filters, channels, rows, cols = mask.shape
    grid, (weights, activations) = PE_GRID, FACTORS
    groups = -(-filters // GROUP)
    full = np.zeros((groups * GROUP, channels, rows, cols), dtype=bool)
    full[:filters] = mask
    places = full.transpose(1, 0, 2, 3)
    cut = places.reshape(-1, cols) if aligned else places.reshape(channels * groups, -1)
    wgt = _steps(cut, cols if aligned else weights, channels)

    high, wide = (-(-size // parts) for size, parts in zip(acts.shape[1:], grid, strict=True))
    plane = np.zeros((channels, grid[0] * high, grid[1] * wide), dtype=bool)
    plane[:, : acts.shape[1], : acts.shape[2]] = acts
    tiles = plane.reshape(channels, grid[0], high, grid[1], wide).transpose(0, 1, 3, 2, 4)
    act = _steps(tiles.reshape(-1, high * wide), activations, channels)

    within = wgt.index % (groups * GROUP * rows * cols)
    tile, place = np.divmod(act.index, high * wide)
    row, col = np.divmod(tile % (grid[0] * grid[1]), grid[1])
    return Streams(
        k=np.where(wgt.index < 0, -1, within // (rows * cols)),
        r=within // cols % rows,
        s=within % cols,
        y=np.where(act.index < 0, -1, row * high + place // wide),
        x=col * wide + place % wide,
        weights=wgt,
        acts=act,
    )


@dataclass(frozen=True)
class Merging:
    """Distinct outputs per product of the steps, and the standard error of that."""

    share: float
    error: float


def outputs_of_steps(
    made: Streams, wgt: Ints, act: Ints, out: tuple[int, int], pad: int
) -> tuple[Ints, Ints]:
    """(products, distinct outputs) of pairs of a weight step and an activation step."""
    k, r, s = (one[wgt][:, :, None] for one in (made.k, made.r, made.s))
    y, x = (one[act][:, None, :] for one in (made.y, made.x))
    row, col = y - r + pad, x - s + pad
    real = (k >= 0) & (y >= 0) & (row >= 0) & (row < out[0]) & (col >= 0) & (col < out[1])
    address = np.where(real, (k * out[0] + row) * out[1] + col, -1).reshape(len(wgt), -1)
    address.sort(axis=1)
    new = np.diff(address, axis=1, prepend=-1) != 0  # empty ones are -1, and in front
    return real.reshape(len(wgt), -1).sum(axis=1), new.sum(axis=1)


def merging(
    mask: Bools,
    acts: Bools,
    pad: int,
    rng: np.random.Generator,
    aligned: bool = False,
    drawn: int = DRAWN,
) -> Merging:
    """D2 of a layer: of all steps ``drawn`` are looked at, all with the same chance."""
    made = streams(mask, acts, aligned)
    rows, cols = mask.shape[2:]
    out = acts.shape[1] + 2 * pad - rows + 1, acts.shape[2] + 2 * pad - cols + 1
    w_count, a_count = np.diff(made.weights.first), np.diff(made.acts.first)
    pairs = np.cumsum(w_count * a_count)
    if not pairs[-1]:
        return Merging(1.0, 0.0)
    pick = rng.integers(0, pairs[-1], drawn)
    channel = np.searchsorted(pairs, pick, side="right")
    rest = pick - (pairs[channel] - (w_count * a_count)[channel])
    wgt = made.weights.first[channel] + rest // a_count[channel]
    act = made.acts.first[channel] + rest % a_count[channel]
    found, outputs = outputs_of_steps(made, wgt, act, out, pad)
    share = outputs.sum() / max(1, found.sum())
    error = float(np.std(outputs - share * found) / np.sqrt(drawn) / max(1e-9, found.mean()))
    return Merging(float(share), error)
