"""What a pass works on, decoded from its memories: blocks of weights, activations of the PEs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.packets import IN_WINDOW, PeData, Rows
from models.scnn.runs import positions

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of a pass in their order, ends of groups among them.

    group, channel, end   int64 [blocks]; end: 1 for the mark behind a group
    count, start          entries of the block, and its first one
    vectors, first_vector of the block
    k, tap, value         int64 [entries]; value 0: a placeholder
    lanes                 int64 [vectors], entries of each
    of_slot, closes       int64 [rows, RowVectors]: block of a slot (-1: not used), 1 where it ends
    """

    group: Ints
    channel: Ints
    end: Ints
    count: Ints
    start: Ints
    vectors: Ints
    first_vector: Ints
    k: Ints
    tap: Ints
    value: Ints
    lanes: Ints
    of_slot: Ints
    closes: Ints


def rows_of_pass(rows: Rows, geo: Geometry) -> Rows:
    """Rows of the weight buffer from WGT_BASE to the end of the last group."""
    ends = np.cumsum((rows.end & rows.valid)[geo.wgt_base :].sum(axis=1))
    if ends.size == 0 or ends[-1] < geo.num_groups:
        raise ValueError("weights: the buffer ends before the last group")
    return rows.part(geo.wgt_base, geo.wgt_base + int(np.searchsorted(ends, geo.num_groups)) + 1)


def decode(rows: Rows, geo: Geometry) -> Blocks:
    """The blocks in rows of the weight buffer."""
    used = rows.valid.astype(bool)
    last = rows.last[used]
    block = np.cumsum(last) - last
    size = int(block[-1]) + 1
    end, lanes = rows.end[used], rows.n[used]
    channel = (rows.window[:, None] * IN_WINDOW + rows.sub)[used]
    head = np.flatnonzero(np.diff(block, prepend=-1))
    inside = np.arange(rows.run.shape[2]) < lanes[:, None]
    segment = np.repeat(block, lanes)
    place = positions(segment, rows.run[used][inside])
    count = np.bincount(segment, minlength=size)
    of_slot = np.full(used.shape, -1, dtype=np.int64)
    of_slot[used] = block
    closes = np.zeros(used.shape, dtype=np.int64)
    closes[used] = last
    block_end = end[head]
    return Blocks(
        group=np.cumsum(block_end) - block_end,
        channel=channel[head],
        end=block_end,
        count=count,
        start=np.cumsum(count) - count,
        vectors=np.bincount(block, minlength=size),
        first_vector=head,
        k=place & (geo.kc - 1),
        tap=place >> geo.kc_log,
        value=rows.value[used][inside],
        lanes=lanes,
        of_slot=of_slot,
        closes=closes,
    )


@dataclass(frozen=True, eq=False)
class Acts:
    """Activations of all PEs.

    count, start      int64 [PEs, C], entries of a channel, and its first one
    useful            int64 [PEs, C], entries that are no placeholders
    position, value   int64 [entries]
    """

    count: Ints
    start: Ints
    useful: Ints
    position: Ints
    value: Ints


def acts_of(each: Sequence[PeData], config: ScnnConfig) -> Acts:
    """The entries in the activation memories."""
    count = np.array([one.counts for one in each])
    pes, channels = count.shape
    flat = count.ravel()
    segment = np.repeat(np.arange(flat.size), flat)
    start = np.cumsum(flat) - flat
    within = np.arange(segment.size) - start[segment]
    rows = -(-flat // config.i)
    row = (np.cumsum(rows) - rows)[segment] + within // config.i
    lane = within % config.i
    run = np.concatenate([one.run for one in each])[row, lane]
    value = np.concatenate([one.value for one in each])[row, lane]
    useful = np.bincount(segment[value != 0], minlength=flat.size)
    shape = pes, channels
    return Acts(count, start.reshape(shape), useful.reshape(shape), positions(segment, run), value)
