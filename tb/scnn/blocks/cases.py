"""Random work for a PE of SCNN: activations in memory, rows of vectors, and how they look on the
pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tb.scnn.blocks.reference import END, Build, Desc, Item, Lane, Row, Setting, Vector

Entries = list[tuple[int, int]]


def build_of(config: dict[str, int]) -> Build:
    """The build of a configuration."""
    names = {field.name for field in fields(Build)}
    return Build(**{name: value for name, value in config.items() if name in names})


@dataclass
class Work:
    """What a PE computes in a pass.

    memory   rows of I entries (run, value)
    counts   entries of each channel
    groups   the rows that are broadcast, group by group; each ends with an END
    """

    setting: Setting
    memory: list[Entries]
    counts: list[int]
    groups: list[list[Row]]


def word(number: int, width: int) -> int:
    """A signed number as unsigned bits."""
    return number & (1 << width) - 1


def join(numbers: Sequence[int], width: int) -> int:
    """Numbers beside each other, the first lowest."""
    return sum(word(number, width) << width * k for k, number in enumerate(numbers))


# on the pins ----------------------------------------------------------------------------------
def lanes_word(build: Build, lanes: Sequence[Lane], rng: np.random.Generator | None) -> int:
    """The lanes of a vector; those without a weight are some number."""
    width = build.k_width + build.lin_width + 16
    words = [
        lane.k << build.lin_width + 16 | lane.off << 16 | word(lane.value, 16) for lane in lanes
    ]
    spare = build.F - len(lanes)
    words += [0 if rng is None else int(rng.integers(1 << min(width, 60))) for _ in range(spare)]
    return join(words, width)


def row_word(build: Build, row: Row, rng: np.random.Generator | None = None) -> int:
    """A row of the broadcast as it is on ``row_i``."""
    lanes_width = build.F * (build.k_width + build.lin_width + 16)
    words = []
    for vector in row.vectors:
        flags = vector.valid << 10 | vector.end << 9 | vector.last << 8
        head = flags | len(vector.lanes) << 3 | vector.sub
        words.append(head << lanes_width | lanes_word(build, vector.lanes, rng))
    width = 11 + lanes_width
    return row.window << build.RowVectors * width | join(words, width)


def vector_word(build: Build, vector: Vector, rng: np.random.Generator | None = None) -> int:
    """A vector as it is in the weight FIFO: {last, n, F x not zero, F lanes}."""
    nz = sum(1 << j for j, lane in enumerate(vector.lanes) if lane.value)
    lanes_width = build.F * (build.k_width + build.lin_width + 16)
    num_width = build.F.bit_length()
    head = (vector.last << num_width | len(vector.lanes)) << build.F | nz
    return head << lanes_width | lanes_word(build, vector.lanes, rng)


def address_width(build: Build) -> int:
    """Bits of a row of activations."""
    return max(1, (build.IaramRows - 1).bit_length())


def desc_word(build: Build, desc: Desc) -> int:
    """A descriptor {kind, first row, count}."""
    return (desc.kind << address_width(build) | desc.base) << build.CountWidth | desc.count


def item_word(build: Build, item: Item, rng: np.random.Generator | None = None) -> int:
    """A row of activations {kind, last, number - 1, I x not zero, I x position, I x value}."""
    spare = build.I - len(item.acts)
    acts = list(item.acts) + [
        (0, 0) if rng is None else tuple(int(x) for x in rng.integers(0, 1 << 8, 2))
        for _ in range(spare)
    ]
    rest = (len(item.acts) - 1) % build.I
    nz = sum(1 << e for e, (_, value) in enumerate(item.acts) if value)
    log = build.I.bit_length() - 1
    head = ((item.kind << 1 | item.last) << log | rest) << build.I | nz
    head = head << build.I * build.lin_width | join([pos for pos, _ in acts], build.lin_width)
    return head << build.I * 16 | join([value for _, value in acts], 16)


def entries_word(build: Build, entries: Entries) -> int:
    """A row of the activation memory."""
    return join([run << 16 | word(value, 16) for run, value in entries], 20)


def counts_word(build: Build, base: int, counts: Sequence[int]) -> int:
    """A word of the count memory."""
    return base << 8 * build.CountWidth | join(counts, build.CountWidth)


# random work ----------------------------------------------------------------------------------
class Maker:
    """Makes random work for a build."""

    def __init__(self, build: Build, rng: np.random.Generator):
        self.build, self.rng = build, rng

    def chance(self, share: float) -> bool:
        """True so often."""
        return bool(self.rng.random() < share)

    def value(self, zero: float = 0.1, small: bool = True) -> int:
        """A 16-bit number."""
        if self.chance(zero):
            return 0
        if small:
            return int(self.rng.integers(-100, 101)) or 1
        return int(self.rng.choice([-32768, 32767, 1, -1]))

    def activations(self, positions: Sequence[int], zero: float, small: bool) -> Entries:
        """Entries for ascending positions, with placeholders where a run is too long."""
        entries, at = [], -1
        for pos in positions:
            while pos - at - 1 > 15:
                entries.append((15, 0))
                at += 16
            entries.append((int(pos - at - 1), self.value(zero, small)))
            at = pos
        return entries

    def weights(self, kc_log: int, taps: Sequence[int], share: float, small: bool) -> list[Lane]:
        """Weights of a block, position p = tap * Kc + k ascending."""
        chosen = self.rng.random(len(taps) << kc_log) < share
        return [
            Lane(p & (1 << kc_log) - 1, taps[p >> kc_log], self.value(0.15, small))
            for p in np.flatnonzero(chosen).tolist()
        ]

    def rows(self, blocks: Sequence[tuple[int, list[Lane]]], most: int, tight: bool) -> list[Row]:
        """Rows of a group: blocks (channel, weights) and an END, with gaps unless ``tight``."""
        build = self.build
        stream: list[tuple[int, Vector]] = []
        for channel, lanes in blocks:
            parts: list[tuple[Lane, ...]] = []
            at = 0
            while at < len(lanes) or not parts:
                size = (
                    build.F if tight or self.chance(0.7) else int(self.rng.integers(1, build.F + 1))
                )
                parts.append(tuple(lanes[at : at + size]))
                at += size
            assert len(parts) <= most, "a block that the FIFO does not hold"
            for p, part in enumerate(parts):
                vector = Vector(part, channel % 8, last=p == len(parts) - 1)
                stream.append((channel // 8, vector))
        window = stream[-1][0] if stream else 0
        stream.append((window, Vector((), 0, last=True, end=True)))
        rows: list[Row] = []
        while stream:
            window = stream[0][0]
            slots: list[Vector] = []
            while len(slots) < build.RowVectors:
                gap = not tight and self.chance(0.2)
                if gap or not stream or stream[0][0] != window:
                    junk = Vector((), int(self.rng.integers(8)), self.chance(0.5), valid=False)
                    slots.append(junk)
                else:
                    slots.append(stream.pop(0)[1])
            rows.append(Row(window, tuple(slots)))
        return rows

    def work(
        self,
        setting: dict[str, int],
        channels: int,
        groups: int = 2,
        *,
        acts: float = 0.4,
        wgts: float = 0.3,
        taps: int = 3,
        tight: bool = False,
        small: bool = True,
        empty: float = 0.2,
    ) -> Work:
        """Random work: densities of activations and weights, share of empty channels and blocks."""
        build, rng = self.build, self.rng
        kc_log = setting["kc_log"]
        # Positions in a channel's part of a bank, of the tile and of the taps.
        span = build.quarter * (build.Entries * 4 >> kc_log)
        offs = sorted(rng.choice(max(1, span // 4), min(taps, max(1, span // 4)), False).tolist())
        offs.reverse()
        limit = span - max(offs)
        memory: list[Entries] = []
        counts: list[int] = []
        for _ in range(channels):
            share = 0.0 if self.chance(empty) else acts
            positions = np.flatnonzero(rng.random(limit) < share)[: (1 << build.CountWidth) // 2]
            entries = self.activations(positions.tolist(), 0.1, small)
            entries = entries[: (1 << build.CountWidth) - 1]
            room = (build.IaramRows - len(memory)) * build.I
            entries = entries[:room]
            counts.append(len(entries))
            for at in range(0, len(entries), build.I):
                row = entries[at : at + build.I]
                junk = [(int(rng.integers(16)), self.value()) for _ in range(build.I - len(row))]
                memory.append(row + junk)
        most = build.WgtFifo - build.RowVectors + 1
        work = Work(
            Setting(
                setting.get("shape", 0),
                kc_log,
                bool(setting.get("merge", 0)),
                bool(setting.get("empty_step", 0)),
                limit,
            ),
            memory or [[(0, 0)] * build.I],
            counts,
            [],
        )
        for _ in range(groups):
            blocks = []
            for channel in range(channels):
                lanes = [] if self.chance(empty) else self.weights(kc_log, offs, wgts, small)
                lanes = lanes[:most]  # as if every vector had one
                if lanes or work.setting.empty_step:
                    blocks.append((channel, lanes))
            work.groups.append(self.rows(blocks, most, tight))
        return work


def is_end(row: Row) -> bool:
    """Whether a group ends in the row."""
    return any(vector.valid and vector.end for vector in row.vectors)


__all__ = ["END", "Entries", "Maker", "Work", "build_of", "is_end"]
