"""Weights to rows of the weight buffer, activations to the memories of the PEs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.packets import IN_WINDOW, PeData, Rows
from models.scnn.plan import Segment
from models.scnn.runs import encode
from models.scnn.tiles import Axis, Span

Ints = NDArray[np.int64]


def tile_data(
    acts: Ints, channels: Span, tile: tuple[Axis, Axis], pitch: int, config: ScnnConfig
) -> list[PeData]:
    """Activations [C, H, W] of a chip tile for each PE, without carried sums."""
    down, right = tile
    part = acts[channels[0] : channels[1], down.start : down.stop, right.start : right.stop]
    number = len(part)
    channel, y, x = np.nonzero(part)
    pe = y // down.tile * config.pe_x + x // right.tile
    position = y % down.tile * pitch + x % right.tile
    segment = pe * number + channel
    order = np.lexsort((position, segment))
    found = encode(segment[order], position[order], part[channel, y, x][order])
    counts = found.counts(config.pes * number)
    rows = -(-counts // config.i)
    within = np.arange(found.run.size) - np.repeat(np.cumsum(counts) - counts, counts)
    row = (np.cumsum(rows) - rows)[found.segment] + within // config.i
    run = np.zeros((int(rows.sum()), config.i), dtype=np.int64)
    value = np.zeros_like(run)
    run[row, within % config.i] = found.run
    value[row, within % config.i] = found.value
    of_pe = np.cumsum(rows.reshape(config.pes, -1).sum(axis=1))
    none = np.zeros(0, dtype=np.int64)
    return [
        PeData(count, pe_run, pe_value, none)
        for count, pe_run, pe_value in zip(
            counts.reshape(config.pes, -1),
            np.split(run, of_pe[:-1]),
            np.split(value, of_pe[:-1]),
            strict=True,
        )
    ]


class WeightRows:
    """The rows of all groups of a layer, for each range of channels.

    number   int64 [segments][groups], rows of a group
    """

    def __init__(
        self, weights: Ints, kc: int, segments: Sequence[Segment], config: ScnnConfig
    ) -> None:
        self.config = config
        filters = len(weights)
        self.made = [
            [group_rows(part[at : at + kc], kc, config) for at in range(0, filters, kc)]
            for part in (segment.of(weights) for segment in segments)
        ]
        self.number = [np.array([len(rows) for rows in each]) for each in self.made]

    def of(self, groups: Span, segment: int) -> Rows:
        """Rows of a range of groups."""
        return Rows.joined(self.made[segment][groups[0] : groups[1]])


def group_rows(weights: Ints, kc: int, config: ScnnConfig) -> Rows:
    """A group of output channels [k, C, R, S] as rows, its end behind.

    Where an empty channel costs a cycle, one without weights is a block without entries.
    """
    filters, channels = weights.shape[:2]
    lanes, per_row = config.f, config.filled
    ordered = weights.reshape(filters, channels, -1).transpose(1, 2, 0)  # [C, taps, k]
    channel, tap, k = np.nonzero(ordered)
    found = encode(channel, tap * kc + k, ordered[channel, tap, k])
    count = found.counts(channels)
    vectors = -(-count // lanes)
    if not config.empty_free:
        vectors = np.maximum(vectors, 1)
    row, slot, rows = _places(vectors, per_row)
    end_row, end_slot = rows - 1, int(slot[-1]) + 1 if slot.size else 0
    if rows == 0 or end_slot == per_row:
        end_row, end_slot, rows = rows, 0, rows + 1
    made = Rows.empty(rows, config)
    of = np.repeat(np.arange(channels), vectors)
    within = np.arange(of.size) - np.repeat(np.cumsum(vectors) - vectors, vectors)
    made.window[row] = of // IN_WINDOW
    made.sub[row, slot] = of % IN_WINDOW
    made.n[row, slot] = np.clip(count[of] - within * lanes, 0, lanes)
    made.last[row, slot] = within == vectors[of] - 1
    made.valid[row, slot] = 1
    for tags in (made.valid, made.last, made.end):
        tags[end_row, end_slot] = 1
    at = np.arange(found.run.size) - np.repeat(np.cumsum(count) - count, count)
    vector = (np.cumsum(vectors) - vectors)[found.segment] + at // lanes
    made.run[row[vector], slot[vector], at % lanes] = found.run
    made.value[row[vector], slot[vector], at % lanes] = found.value
    return made


def _places(vectors: Ints, per_row: int) -> tuple[Ints, Ints, int]:
    """(row, slot) of each vector, and the number of rows, for the vectors of each channel.

    A new row begins with a new window.
    """
    rows: list[int] = []
    slots: list[int] = []
    row, slot, window = 0, 0, -1
    for channel, number in enumerate(vectors.tolist()):
        if number == 0:
            continue
        if slot and channel // IN_WINDOW != window:
            row, slot = row + 1, 0
        window = channel // IN_WINDOW
        for _ in range(number):
            if slot == per_row:
                row, slot = row + 1, 0
            rows.append(row)
            slots.append(slot)
            slot += 1
    return np.array(rows, dtype=np.int64), np.array(slots, dtype=np.int64), row + (slot > 0)
