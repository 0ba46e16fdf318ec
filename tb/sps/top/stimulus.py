"""Stimulus of SPS's top-level tests: layers with patterns, and places and residues of any kind.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models import sps
from models.array.compiler import assemble
from models.array.lowering import lower
from models.array.packets import MAX_STEP, Mode
from models.layer import Layer
from models.packets import Section, pack_lanes, packet_of
from models.program import Pass
from models.sps.arrange import Arrangement, Options
from models.sps.compiler import SpsOutputs
from models.sps.config import SpsConfig
from models.sps.index import Scan
from models.sps.machine import Geometry, Machine
from models.sps.packets import DIR_WIDTH, entries
from models.sps.registers import REGISTERS, Kind
from models.sps.store import SPS, SpsBuffer, SpsTiles
from models.sps.timing import FIRST
from tb.array.stimulus import Maker, words_needed
from tb.common.stimulus import CfgFields, Ints, Mask
from tb.common.uvm.items import Job

#: CFG fields by their name in the contract.
_CFG = CfgFields(REGISTERS)
field, with_cfg = _CFG.get, _CFG.put
#: A section of a table begins with a whole stream word: entries in one.
ENTRIES = {Kind.DIR: 4, Kind.POS: 8, Kind.KRES: 16, Kind.RRES: 1}
#: Periods that are drawn often.
_PERIODS = (1, 2, 2, 3, 4, 5)


def depths(config: SpsConfig) -> dict[Kind, int]:
    """Entries of the memory of each kind of section."""
    return {
        Kind.WEIGHT: config.wgt_depth,
        Kind.BIAS: config.bias_depth,
        Kind.DIR: config.max_period,
        Kind.POS: config.table_depth,
        Kind.KRES: config.max_kt,
        Kind.RRES: config.max_ct,
    }


class SpsMaker(Maker):
    """Makes layers and jobs for one build; half of the layers have patterns."""

    design = sps.DESIGN
    config: SpsConfig
    first_tile = FIRST

    @property
    def longest_step(self) -> int:  # type: ignore[override]
        return min(MAX_STEP, self.config.kernel_size)

    @property
    def quiet(self) -> int:
        # Or the last pixel moves through all rows, held by their scan.
        return max(super().quiet, self.config.rows - 1)

    # layers -----------------------------------------------------------------------------------

    def patterns(self, period: int, taps: int, sizes: Sequence[int]) -> Mask:
        """Patterns of ``sizes`` positions in turn, bool [period, taps]."""
        table = np.zeros((period, taps), dtype=bool)
        for at in range(period):
            count = min(sizes[at % len(sizes)], taps)
            table[at, self.rng.permutation(taps)[:count]] = True
        return table

    def periodic(
        self,
        kernel: tuple[int, int, int, int],
        size: tuple[int, int],
        table: Mask,
        *,
        factors: tuple[int, int] = (1, 1),
        **options: Any,
    ) -> Layer:
        """A layer whose kernel (k, c) has weights at pattern ``(u*k + v*c) mod P`` of a table.

        table    bool [P, R*S]; factors: (u, v)
        """
        at = np.arange(kernel[0])[:, None] * factors[0] + np.arange(kernel[1]) * factors[1]
        mask = table[at % len(table)].reshape(kernel)
        return self.layer(kernel, size, mask=mask, **options)

    def any_layer(self, fits: bool = True) -> Layer:
        rng, config = self.rng, self.config
        if rng.integers(3) == 0:
            return super().any_layer(fits)
        scale = 1 if fits else 2
        period = int(rng.choice((*_PERIODS, int(rng.integers(1, config.max_period + 1)))))
        taps = int(rng.choice((1, 2, 3, 3, 3, 4))), int(rng.choice((1, 2, 3, 3, 3)))
        places = taps[0] * taps[1]
        sizes = rng.integers(0, places + 1, int(rng.integers(1, 4))).tolist()
        padding = int(rng.integers(0, 4))
        lowest = [max(1, tap - 2 * padding) for tap in taps]
        high, wide = (int(rng.integers(low, low + 5 * scale)) for low in lowest)
        return self.periodic(
            (
                int(rng.integers(1, scale * config.cols + 3)),
                int(rng.integers(1, scale * config.rows + 3)),
                *taps,
            ),
            (high, wide),
            self.patterns(period, places, sizes),
            factors=((1, 1), (1, 1), (0, 1), (1, 0), (2, 1))[int(rng.integers(5))],
            batch=int(rng.choice((1, 1, 2))),
            stride=int(rng.choice((1, 1, 2, 3))),
            padding=padding,
            act_density=float(rng.choice((0.1, 0.5, 1.0))),
            bias=bool(rng.integers(2)),
            relu=bool(rng.integers(2)),
        )

    # jobs -------------------------------------------------------------------------------------

    def job(
        self, layer: Layer, label: str, config: Any = None, options: Options | None = None
    ) -> Job:
        """One layer as a job; options: of the compiler."""
        if options is None:
            return super().job(layer, label, config)
        config = config or self.config
        return Job((layer,), sps.compile(layer, config, options), config, label)

    @property
    def unsorted(self) -> Options:
        """Channels in an order in which the rows of a tile differ, where the build allows it."""
        return Options(orders=("natural" if self.config.row_offsets else "residue",))

    def good(self, label: str = "good") -> Job:
        """Two patterns, of three positions and of one: tiles of several steps, rows without a
        weight, residues that differ."""
        config = self.config
        order = self.rng.permutation(6)
        table = np.zeros((2, 6), dtype=bool)
        table[0, order[:3]] = table[1, order[3]] = True
        layer = self.periodic(
            (config.cols + 1, config.rows + 1, 3, 2), (3, 3), table, padding=1, bias=True
        )
        job = self.job(layer, label, options=self.unsorted)
        assert field(job.passes[0], "PERIOD") > 1, "the patterns were not found"
        return job

    def arranged(
        self,
        layer: Layer,
        label: str,
        period: int,
        kres: Sequence[int] | None = None,
        rres: Sequence[Sequence[int]] | Ints | None = None,
        more: float = 0.1,
    ) -> Job:
        """A layer whose outputs and channels are at any places, with gaps, and have any residues.

        kres, rres    residues [tiles of outputs], [tiles of channels][rows]; they say how many
                      tiles there are. None: at random, now and then with a tile too many
        more          share of positions in the patterns that no weight asks for
        """
        rng, config = self.rng, self.config
        low = lower(layer, config)
        filters, channels = low.weights.shape[:2]
        kt, ct = (
            len(given) if given is not None else -(-size // lanes) + int(rng.integers(3) == 0)
            for given, size, lanes in (
                (kres, filters, config.cols),
                (rres, channels, config.rows),
            )
        )
        res_k = rng.integers(0, period, kt) if kres is None else np.array(kres)
        drawn = rng.integers(0, period, (ct, config.rows)) if rres is None else np.array(rres)
        res_r = drawn if config.row_offsets else np.repeat(drawn[:, :1], config.rows, axis=1)
        outputs = self._places(filters, kt * config.cols)
        inputs = self._places(channels, ct * config.rows)
        residues = (res_k[:, None, None] + res_r) % period  # [KT, CT, Rows]
        used = self._used(low.weights, outputs, inputs, residues, period)
        used |= rng.random(used.shape) < more
        return self._assembled(layer, Arrangement(used, res_k, res_r, outputs, inputs), label)

    def patterned(
        self,
        table: Mask,
        window: tuple[int, int],
        kres: Sequence[int],
        rres: Sequence[Sequence[int]] | Ints,
        size: tuple[int, int],
        label: str,
        **options: Any,
    ) -> Job:
        """Whole tiles whose patterns and residues are these, whatever a compiler would do.

        table   bool [P, R*S] of a ``window`` (R, S); kres [KT], rres [CT][Rows]; without RowOffsets
                those of row 0 count
        """
        config = self.config
        res_k, res_r = np.array(kres), np.array(rres)
        if not config.row_offsets:
            res_r = np.repeat(res_r[:, :1], config.rows, axis=1)
        of = (np.repeat(res_k, config.cols)[:, None] + res_r.ravel()) % len(table)
        kernel = (*of.shape, *window)
        layer = self.layer(kernel, size, mask=table[of].reshape(kernel), **options)
        orders = np.arange(kernel[0]), np.arange(kernel[1])
        return self._assembled(layer, Arrangement(table, res_k, res_r, *orders), label)

    def _assembled(self, layer: Layer, made: Arrangement, label: str) -> Job:
        config = self.config
        tiles = SpsTiles(made.applied(lower(layer, config)), config, made)
        program = assemble(layer, tiles, SPS)
        program = replace(program, outputs=SpsOutputs(program.outputs, made.outputs))
        return Job((layer,), program, config, label)

    def _places(self, number: int, room: int) -> Ints:
        """Which of ``number`` is at each place, -1 for none: int64 [room]."""
        order = np.full(room, -1, dtype=np.int64)
        order[self.rng.permutation(room)[:number]] = np.arange(number)
        return order

    def _used(
        self, weights: Ints, outputs: Ints, inputs: Ints, residues: Ints, period: int
    ) -> Mask:
        """Positions that the weights of each residue need, bool [period, taps]."""
        filters, channels = weights.shape[:2]
        live = (weights != 0).reshape(filters, channels, -1)
        at_k = np.argsort(outputs, kind="stable")[-filters:] // self.config.cols
        at_c = np.argsort(inputs, kind="stable")[-channels:]
        tile, row = np.divmod(at_c, self.config.rows)
        used = np.zeros((period, live.shape[2]), dtype=bool)
        np.logical_or.at(used, residues[at_k[:, None], tile, row], live)
        return used

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None, "a pass that loads weights"
        return list(SpsBuffer(self.config).sections(item.wgt))

    def relocated(self, item: Pass) -> Pass:
        """The same pass with everything at the end of the memories, but for the patterns."""
        config, sections = self.config, self.sections_of(item)
        depth = depths(config)
        base = dict.fromkeys(depth, 0)
        for part in sections:
            step = ENTRIES.get(Kind(part.kind), 1)
            if part.kind != Kind.DIR:
                base[Kind(part.kind)] = (depth[Kind(part.kind)] - part.count) // step * step
        moved = [replace(part, base=base[Kind(part.kind)]) for part in sections]
        for index, part in enumerate(moved):
            if part.kind == Kind.DIR:
                first, size = entries(part, config).T
                first = first + base[Kind.POS] & 0xFF
                payload = pack_lanes(first << 8 | size, DIR_WIDTH)
                moved[index] = replace(part, payload=payload)
        return replace(
            with_cfg(
                item,
                WGT_BASE=base[Kind.WEIGHT],
                BIAS_BASE=base[Kind.BIAS],
                ACT_BASE=config.act_depth - words_needed(item, config)[1],
                KRES_BASE=base[Kind.KRES],
                RRES_BASE=base[Kind.RRES],
            ),
            wgt=packet_of(moved),
        )

    def groups(self, sections: Sequence[Section]) -> Iterable[Sequence[Section]]:
        rest = [one for one in sections if one.kind != Kind.BIAS]
        none = [replace(one, count=0, payload=one.payload[:0]) for one in rest]
        biases = [one for one in sections if one.kind == Kind.BIAS]
        tables = [one for one in sections if one.kind > Kind.BIAS]
        together = sorted([*none, *biases], key=lambda one: one.kind)
        return rest[:1], together, [], tables[:1], tables[1:], sections

    # what is in a program ---------------------------------------------------------------------

    def scans(self, job: Job) -> Iterator[tuple[Pass, Geometry, Scan, Machine]]:
        """What the index unit makes of the passes of a job that compute; the machine as it is when
        a pass has ended."""
        machine = Machine(job.config)
        for item in job.passes:
            machine.run(item)
            geo = Geometry.of(item)
            if geo.mode & Mode.COMPUTE:
                yield item, geo, machine.scan(geo), machine
