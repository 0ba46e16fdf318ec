"""How a plane is cut into chip tiles, and those into tiles of the PEs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.lowering import Lowered

Ints = NDArray[np.int64]
Span = tuple[int, int]

#: Widest PITCH, TILE_W and TILE_H that their fields hold.
_MOST = 255


def cuts(size: int, pes: int, tiles: int) -> list[Span]:
    """``size`` in so many uneven tiles: multiples of ``pes``, but for the last one.

    >>> cuts(56, 8, 2), cuts(13, 8, 1), cuts(20, 8, 3)
    ([(0, 32), (32, 56)], [(0, 13)], [(0, 8), (8, 16), (16, 20)])
    """
    columns = -(-size // pes)
    each, more = divmod(columns, tiles)
    widths = [(each + (tile < more)) * pes for tile in range(tiles)]
    ends = np.minimum(np.cumsum(widths), size).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


@dataclass(frozen=True)
class Axis:
    """One axis of a chip tile.

    start, stop  of the domain; tile: size of a PE's tile; lead, trail: halos before and behind
    final        first and last + 1 position of results, in accumulators of the chip tile
    carry_in, carry_out   positions below, up to which sums come from and go to other tiles
    """

    start: int
    stop: int
    tile: int
    lead: int
    trail: int
    final: Span
    carry_in: int
    carry_out: int

    @property
    def acc(self) -> int:
        """Size of the accumulator tile of a PE."""
        return self.tile + self.lead + self.trail


def axis(span: Span, domain: int, outs: int, pes: int, taps: int, pad: int) -> Axis:
    """The axis of a chip tile: ``span`` of ``domain``, ``outs`` results in all."""
    start, stop = span
    lead, trail = taps - 1 - pad, pad
    first, last = start == 0, stop == domain
    begin = max(0, start - lead)
    end = outs if last else min(stop - lead, outs)
    reach = end if last else max(end, min(stop + trail, outs))
    base = start - lead  # of the accumulators
    final = begin - base, max(begin, end) - base
    return Axis(
        start,
        stop,
        -(-(stop - start) // pes),
        lead,
        trail,
        final,
        0 if first else taps - 1,
        max(final[1], reach - base),
    )


def pitch_of(tile: tuple[Axis, Axis], room: int, config: ScnnConfig) -> int:
    """From one row of the accumulator tile to the next; 0 if it does not fit ``room`` places.

    Neighbours in a column should lie in other banks than neighbours in a row.
    """
    down, right = tile
    if max(down.tile, right.tile) > _MOST or right.acc > room:
        return 0
    most = _MOST if down.acc == 1 else min(_MOST, (room - right.acc) // (down.acc - 1))
    if most < right.acc:
        return 0
    if down.tile == 1:
        return right.acc
    for pitch in range(right.acc, min(most, right.acc + 16, right.tile + 16) + 1):
        if spreads(pitch, config):
            return pitch
    return right.acc


def spreads(pitch: int, config: ScnnConfig) -> bool:
    """Whether neighbours up, down, left and right lie in different banks.

    >>> [pitch for pitch in range(8, 17) if spreads(pitch, ScnnConfig())]
    [11, 13]
    """
    quarter = config.banks // 4
    rest = pitch % quarter
    return rest % 2 == 1 and (quarter < 8 or 1 < rest < quarter - 1)


@dataclass(frozen=True)
class Cut:
    """A way to cut a layer into chip tiles: [y][x] of (vertical, horizontal) axes."""

    ys: tuple[Axis, ...]
    xs: tuple[Axis, ...]

    @classmethod
    def of(cls, low: Lowered, config: ScnnConfig, tiles: tuple[int, int]) -> Cut:
        """The cut into (rows, columns) of tiles."""
        axes = []
        pes = config.pe_y, config.pe_x
        for at in range(2):
            domain, taps = low.domain[at], low.kernel[at]
            spans = cuts(domain, pes[at], tiles[at])
            axes.append(
                tuple(axis(s, domain, low.size[at], pes[at], taps, low.pad[at]) for s in spans)
            )
        return cls(*axes)

    @property
    def first(self) -> tuple[Axis, Axis]:
        """The first tile."""
        return self.ys[0], self.xs[0]

    @property
    def rim(self) -> bool:
        """Whether sums beyond the tiles of the PEs are drained, too."""
        many = len(self.ys) * len(self.xs) > 1
        return many or any(a.final[1] > a.lead + a.stop - a.start for a in (*self.ys, *self.xs))

    def tiles(self) -> Iterator[tuple[Axis, Axis]]:
        """Tiles in the order of the passes."""
        for down in self.ys:
            for right in self.xs:
                yield down, right

    def counts(self, low: Lowered, sample: int, config: ScnnConfig) -> Ints:
        """Non-zero inputs: int64 [tiles, PEs, C]."""
        live = (low.acts[sample] != 0).astype(np.int16)
        found = []
        for down, right in self.tiles():
            part = live[:, down.start : down.stop, right.start : right.stop]
            high, wide = config.pe_y * down.tile, config.pe_x * right.tile
            full = np.zeros((len(live), high, wide), dtype=np.int16)
            full[:, : part.shape[1], : part.shape[2]] = part
            shape = len(live), config.pe_y, down.tile, config.pe_x, right.tile
            per_pe = full.reshape(shape).sum(axis=(2, 4), dtype=np.int64)
            found.append(per_pe.reshape(len(live), -1).T)
        return np.array(found)
