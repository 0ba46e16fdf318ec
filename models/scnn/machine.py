"""What a program does to SCNN, pass by pass: memories, sums, results, words that move.

It reads registers and packets as the RTL does, not the layer, so it stands between compiler and
RTL as a second opinion on both. When things happen is in ``clock.py``. Only good programs are
followed: ValueError or OverflowError on what the RTL would stop at.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.fixed import fits, requant
from models.packets import pack_lanes, unpack_lanes
from models.program import Pass
from models.scnn.blocks import Acts, Blocks, acts_of, decode, rows_of_pass
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.packets import (
    IN_WINDOW,
    PeData,
    Rows,
    pack_carry,
    pe_data,
    pe_words,
    sections,
    weight_rows,
)
from models.scnn.registers import Kind, Mode
from models.scnn.runs import encode_to_the_end
from models.scnn.sending import output_cycles

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(eq=False)
class Moved:
    """Words that a pass writes into memories, over all PEs, and cycles in which it sends."""

    wgt_writes: int = 0
    idx_writes: int = 0
    act_writes: int = 0
    carry: int = 0
    output: int = 0  #: cycles of the output phase while its stream never waits


@dataclass(frozen=True, eq=False)
class Work:
    """What a compute phase works on."""

    blocks: Blocks
    acts: Acts
    offsets: Ints


@dataclass(eq=False)
class _Results:
    """The destination memories of a PE: entries of each channel."""

    counts: list[int] = field(default_factory=list)
    run: list[Ints] = field(default_factory=list)
    value: list[Ints] = field(default_factory=list)
    carry: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class Machine:
    """The state of one accelerator between passes."""

    def __init__(self, config: ScnnConfig) -> None:
        self.config = config
        self.offsets = np.zeros(0, dtype=np.int64)
        self.bias = np.zeros(0, dtype=np.int64)
        self.rows = Rows.empty(0, config)
        self.source: list[PeData] = []
        self.out = [_Results() for _ in range(config.pes)]

    def run(self, item: Pass) -> tuple[Work | None, Words | None, Moved]:
        """Execute one pass: (what it worked on, its result packet, words moved)."""
        geo = Geometry.of(item.cfg)
        moved = Moved()
        if item.wgt is not None:
            self._load_weights(item.wgt, moved)
        if item.act is not None:
            self._load_acts(item.act, geo, moved)
        work = self._compute(geo, moved) if geo.mode & Mode.COMPUTE else None
        words = self._send(geo, moved) if geo.mode & Mode.OUTPUT else None
        if geo.mode & Mode.SWAP:
            self._swap()
        return work, words, moved

    def _load_weights(self, words: Words, moved: Moved) -> None:
        for part in sections(words, self.config):
            if part.kind == Kind.OFFSET:
                self.offsets = unpack_lanes(part.payload, 16, signed=False)[: part.count]
            elif part.kind == Kind.BIAS:
                values = unpack_lanes(part.payload, 32)[: part.count]
                self.bias = _written(self.bias, part.base, values)
            else:
                rows = weight_rows(part.payload, self.config)
                moved.wgt_writes += len(rows)
                size = max(len(self.rows), part.base + len(rows))
                if size > self.config.wgt_depth:
                    raise ValueError(f"weights: found {size} rows, the buffer has fewer")
                blank = Rows.empty(max(0, size - len(self.rows)), self.config)
                full = Rows.joined((self.rows, blank))
                self.rows = Rows.joined(
                    (full.part(0, part.base), rows, full.part(part.base + len(rows), size))
                )

    def _load_acts(self, words: Words, geo: Geometry, moved: Moved) -> None:
        config = self.config
        if int(words[0]) & 0xFFFFFFFF != geo.act_words or words.size != geo.act_words + 1:
            raise ValueError(f"activations: found {words.size - 1} words, need {geo.act_words}")
        self.source = pe_data(words[1:], geo.c, config)
        for one in self.source:
            self._check(one)
            if one.carry.size > config.carry_depth:
                raise ValueError(f"carry: found {one.carry.size} words, the memory has fewer")
        moved.act_writes += sum(len(one.run) for one in self.source)
        moved.idx_writes += config.pes * -(-geo.c // IN_WINDOW)
        moved.carry += sum(one.carry.size for one in self.source)

    def _check(self, one: PeData) -> None:
        if len(one.run) > self.config.iaram_rows:
            raise ValueError(f"activations: found {len(one.run)} rows, the memory has fewer")
        if one.counts.max(initial=0) > self.config.max_count:
            raise ValueError(f"count: found {one.counts.max()}, allowed {self.config.max_count}")

    def _compute(self, geo: Geometry, moved: Moved) -> Work:
        config = self.config
        rows = rows_of_pass(self.rows, geo)
        work = Work(decode(rows, geo), acts_of(self.source, config), self.offsets[: geo.taps])
        if not np.array_equal(work.offsets, geo.offsets()):
            raise ValueError("offsets: the table does not belong to the halos and the pitch")
        sums = self._sums(work, geo)  # [K, EY, EX]
        self._drain(sums, geo, moved)
        return work

    def _sums(self, work: Work, geo: Geometry) -> Ints:
        """Accumulators of the chip tile behind the halo exchange: [K, EY, EX]."""
        blocks = work.blocks
        taps_r, taps_s = geo.kernel
        weights = np.zeros((geo.channels, geo.c, geo.taps))
        owner = np.repeat(np.arange(blocks.count.size), blocks.count)
        out = blocks.group[owner] * geo.kc + blocks.k
        real = blocks.value != 0
        np.add.at(
            weights,
            (out[real], blocks.channel[owner][real], blocks.tap[real]),
            blocks.value[real],
        )
        plane = self._plane(work.acts, geo)
        channels, height, width = plane.shape
        sums = np.zeros((geo.channels, height + taps_r - 1, width + taps_s - 1))
        for tap in range(geo.taps):
            down, right = taps_r - 1 - tap // taps_s, taps_s - 1 - tap % taps_s
            part = weights[:, :, tap] @ plane.reshape(channels, -1)
            sums[:, down : down + height, right : right + width] += part.reshape(-1, height, width)
        return np.rint(sums).astype(np.int64)

    def _plane(self, acts: Acts, geo: Geometry) -> NDArray[np.float64]:
        """The input of the chip tile: [C, PeY*TILE_H, PeX*TILE_W]."""
        config = self.config
        owner = np.repeat(np.arange(acts.count.size), acts.count.ravel())
        pe, channel = np.divmod(owner, geo.c)
        y, x = np.divmod(acts.position, geo.pitch)
        real = acts.value != 0
        if (y[real] >= geo.tile_h).any() or (x[real] >= geo.tile_w).any():
            raise ValueError("activations: a position lies outside the tile")
        plane = np.zeros((geo.c, config.pe_y * geo.tile_h, config.pe_x * geo.tile_w))
        pe_y, pe_x = np.divmod(pe, config.pe_x)
        at = channel, pe_y * geo.tile_h + y, pe_x * geo.tile_w + x
        plane[tuple(part[real] for part in at)] = acts.value[real]
        return plane

    def _drain(self, sums: Ints, geo: Geometry, moved: Moved) -> None:
        """Sums to results and to words that leave, PE by PE."""
        config = self.config
        found = geo.regions(config)
        if not geo.mode & Mode.OA_KEEP:
            self.out = [_Results() for _ in range(config.pes)]
        rows, cols = (len(span) for span in geo.box)
        bias = self.bias[geo.bias_base : geo.bias_base + geo.channels]
        for pe, out in enumerate(self.out):
            inside_y = np.minimum(found.ey[pe], sums.shape[1] - 1)
            inside_x = np.minimum(found.ex[pe], sums.shape[2] - 1)
            mine = sums[:, inside_y, inside_x]  # [K, box]
            takes = found.carry_in[pe]
            mine = self._carried(mine, takes, pe)
            used = mine[:, found.final[pe] | found.carry_out[pe]]
            final = mine[:, found.final[pe]] + bias[:, None]
            if not (fits(used, config.acc_width) and fits(final, config.acc_width)):
                raise OverflowError(f"a sum leaves the {config.acc_width}-bit accumulator")
            out.carry = mine[:, found.carry_out[pe]].ravel()
            moved.carry += out.carry.size + int(takes.sum()) * geo.channels
            if geo.cout_base + out.carry.size > config.carry_depth:
                raise ValueError(f"carry: found {out.carry.size} words behind {geo.cout_base}")
            results = np.zeros((geo.channels, rows, cols + geo.out_gap), dtype=np.int64)
            relu = bool(geo.mode & Mode.RELU)
            box = np.zeros((geo.channels, rows * cols), dtype=np.int64)
            box[:, found.final[pe]] = requant(final, geo.shift, config.act_width, relu)
            results[:, :, :cols] = box.reshape(-1, rows, cols)
            flat = results.reshape(geo.channels, -1)[:, : rows * (cols + geo.out_gap) - geo.out_gap]
            self._append(out, flat, moved)

    def _carried(self, mine: Ints, takes: NDArray[np.bool_], pe: int) -> Ints:
        """Sums with what was carried in."""
        number = int(takes.sum()) * len(mine)
        if number == 0:
            return mine
        words = self.source[pe].carry
        if words.size < number:
            raise ValueError(f"carry: found {words.size} words for PE {pe}, need {number}")
        mine = mine.copy()
        mine[:, takes] += words[:number].reshape(len(mine), -1)
        return mine

    def _append(self, out: _Results, channels: Ints, moved: Moved) -> None:
        """Channels [K, positions] into the destination memories of a PE."""
        config = self.config
        entries = encode_to_the_end(channels)
        counts = entries.counts(len(channels))
        number = -(-counts // config.i)
        rows = int(number.sum())
        segment_row = np.cumsum(number) - number
        within = np.arange(entries.run.size) - np.repeat(np.cumsum(counts) - counts, counts)
        row = segment_row[entries.segment] + within // config.i
        run = np.zeros((rows, config.i), dtype=np.int64)
        value = np.zeros((rows, config.i), dtype=np.int64)
        run[row, within % config.i] = entries.run
        value[row, within % config.i] = entries.value
        before = len(out.counts)
        out.counts += counts.tolist()
        out.run.append(run)
        out.value.append(value)
        held = sum(len(part) for part in out.run)
        if held > config.iaram_rows or len(out.counts) > config.max_c:
            raise ValueError(f"results: found {held} rows of {len(out.counts)} channels")
        if counts.max(initial=0) > config.max_count:
            raise ValueError(f"count: found {counts.max()}, allowed {config.max_count}")
        after = len(out.counts)
        moved.act_writes += rows
        full = after // IN_WINDOW - before // IN_WINDOW
        moved.idx_writes += full + (after % IN_WINDOW > 0)

    def _held(self, out: _Results, channels: int) -> PeData:
        """The first channels of the destination memories of a PE."""
        counts = np.array(out.counts[:channels], dtype=np.int64)
        rows = int((-(-counts // self.config.i)).sum())
        blank = np.zeros((0, self.config.i), dtype=np.int64)
        run = np.concatenate([blank, *out.run])[:rows]
        value = np.concatenate([blank, *out.value])[:rows]
        return PeData(counts, run, value, out.carry)

    def _send(self, geo: Geometry, moved: Moved) -> Words:
        """The result packet."""
        config = self.config
        each = [self._held(out, geo.out_channels) for out in self.out]
        moved.output = output_cycles(each, geo, config)
        if not geo.mode & Mode.DENSE:
            return pe_words(each, config)
        rows, cols = (len(span) for span in geo.box)
        acts = acts_of(each, config)
        planes = np.zeros((acts.count.size, rows * (cols + geo.out_gap)), dtype=np.int64)
        owner = np.repeat(np.arange(acts.count.size), acts.count.ravel())
        planes[owner, acts.position] = acts.value
        dense = planes.reshape(-1, rows, cols + geo.out_gap)[:, :, :cols].reshape(
            config.pes, geo.out_channels, rows * cols
        )
        parts = []
        for one, values in zip(each, dense, strict=True):
            parts += [pack_lanes(channel, config.act_width) for channel in values]
            parts.append(pack_carry(one.carry, config))
        return np.concatenate(parts)

    def _swap(self) -> None:
        """The destination memories become the source; no channel is left in the destination."""
        self.source = [self._held(out, len(out.counts)) for out in self.out]
        self.out = [_Results() for _ in range(self.config.pes)]


def _written(memory: Ints, base: int, values: Ints) -> Ints:
    full = np.zeros(max(memory.size, base + values.size), dtype=np.int64)
    full[: memory.size] = memory
    full[base : base + values.size] = values
    return full
