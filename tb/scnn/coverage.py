"""Functional coverage of SCNN, sampled from what the monitors saw of each pass.

What a pass worked on is read from the packets that its memories were filled with, by the model's
reader of programs (``models/scnn/machine.py``); when things happened from the counters read back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.packets import unpack_lanes
from models.program import Pass
from models.scnn import DESIGN
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.machine import Machine, Work
from models.scnn.packets import PeData, pe_data
from models.scnn.registers import Mode
from models.scnn.runs import positions
from models.scnn.work import GroupWork, touch
from models.socket import ErrorCode
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import (
    OUTPUT,
    RELU,
    WEIGHT_SOURCE,
    SocketCoverage,
    shared_groups,
)
from tb.common.uvm.items import ObservedPass

Ints = NDArray[np.int64]

_MANY = (1 << 31) - 1
_OFF_ON = labels("off", "on")
_SOME = labels("none", "some")
_SIDES = labels("none", "before", "behind", "both")
_TAPS: dict[str, Any] = {"1": 1, "2": 2, "3": 3, "4+": (4, 16)}
_PLACE = labels("only", "first", "inner", "last")
_RUNS: dict[str, Any] = {"0": 0, "1-14": (1, 14), "15": 15, "16": 16, "17-30": (17, 30), "31": 31}
_RUNS["32+"] = (32, _MANY)
_WORK = labels("both", "no_weights", "no_acts", "neither")
_NO_BLOCK = "a block without weights is only in programs that let it cost a cycle"
_ALIKE: dict[tuple[str, ...], str] = {
    pair: "a layer pads both axes alike: halos only before are those without padding"
    for one in ("behind", "both")
    for pair in ((one, "before"), ("before", one))
}
_OWN = {name.lower(): code for code, (name, _) in DESIGN.own_errors.items()}
_OF_PE = {name: _OWN[name] for name in ("act_range", "oaram_overflow")}
_OF_PE["acc_overflow"] = int(ErrorCode.ACC_OVERFLOW)

BUILD = Group(
    "scnn_build",
    "Builds that computed.",
    (
        Point("pes", "PEs", {"1": 1, "2-4": (2, 4), "5+": (5, 256)}),
        Point("grid", "shape of the grid", labels("square", "wide", "tall")),
        Point("lanes_f", "weights of a vector", {"2": 2, "4+": (4, 16)}),
        Point("lanes_i", "activations of a vector", {"2": 2, "4+": (4, 16)}),
        Point("row_vectors", "vectors of a row", {"2": 2, "4": 4, "8": 8}),
        Point("bank_map", "BankMap", {"0": 0, "1": 1, "2": 2}),
        Point("merge", "Merge", _OFF_ON),
        Point("grants", "XbarGrants", {"1": 1, "2": 2}),
        Point("look_ahead", "LookAhead", {"1": 1, "2+": (2, 4)}),
        Point("carry_lanes", "carried sums in a word", {"1": 1, "2": 2}),
    ),
)

PASS = Group(
    "scnn_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        Point("kc", "channels of a group", {"4": 4, "8": 8, "16": 16, "32+": (32, 64)}),
        Point("shape", "SHAPE", {"0": 0, "1": 1, "2": 2}),
        Point("groups", "groups", {"1": 1, "2+": (2, 65535)}),
        Point("last", "channels of the last group", labels("one", "some", "all")),
        Point("kernel_h", "rows", _TAPS),
        Point("kernel_w", "columns", _TAPS),
        Point("halo_x", "columns around the tile", _SIDES),
        Point("halo_y", "rows around the tile", _SIDES),
        Point("tile", "tile of a PE", labels("pixel", "row", "column", "plane")),
        Point("wide", "halos against the tile", labels("narrow", "as_wide", "wider")),
        Point("gap", "OUT_GAP", {"0": 0, "1+": (1, 16)}),
        Point("carry", "carried sums", labels("none", "in", "out", "both")),
        Point("merge", "MODE option", _OFF_ON),
        Point("empty_step", "MODE option", _OFF_ON),
        Point("dense", "MODE option", _OFF_ON),
        Point("rim", "MODE option", _OFF_ON),
        Point("keep", "OA_KEEP", _OFF_ON),
        Point("swap", "MODE phase", _OFF_ON),
        RELU,
        WEIGHT_SOURCE,
        Point("input_source", "activations", labels("loaded", "resident", "swapped")),
        OUTPUT,
    ),
    (
        Cross("options", "merging and empty steps", ("merge", "empty_step")),
        Cross("kernel", "rows and columns of the kernel", ("kernel_h", "kernel_w")),
        Cross("halos", "sides with a halo", ("halo_x", "halo_y"), _ALIKE),
        Cross("groups_last", "groups and the last one", ("groups", "last")),
        Cross("carry_dense", "carried sums and the kind of result", ("carry", "dense")),
        Cross("chain", "where inputs come from, results go", ("input_source", "swap")),
    ),
)

BLOCK = Group(
    "scnn_block",
    "Blocks of weights against the PEs.",
    (
        Point("work", "what is there of block and channel", _WORK),
        Point("empty_step", "MODE option", _OFF_ON),
        Point("vectors", "of a block with work", labels("one", "below_row", "row", "more", "most")),
        Point("subs", "groups of activations it meets", {"1": 1, "2": 2, "3+": (3, _MANY)}),
    ),
    (
        Cross(
            "work_step",
            "empty blocks, free and not",
            ("work", "empty_step"),
            {("no_weights", "off"): _NO_BLOCK, ("neither", "off"): _NO_BLOCK},
        ),
    ),
)

RUN = Group(
    "scnn_run",
    "Zeros before a value that is not zero.",
    (
        Point("zeros", "how many", _RUNS),
        Point("of", "what", labels("weights", "activations", "results")),
    ),
    (Cross("zeros_of", "runs of each kind", ("zeros", "of")),),
)

TILE = Group(
    "scnn_tile",
    "Tiles of the PEs: activations in them, place in the plane.",
    (
        Point("acts", "entries of all channels", labels("none", "one", "some")),
        Point("column", "place of the PE in its row", _PLACE),
        Point("row", "place of the PE in its column", _PLACE),
        Point("inside", "tile and plane", labels("whole", "cut", "outside")),
    ),
    (Cross("corner", "sides with a neighbour", ("column", "row")),),
)

STEP = Group(
    "scnn_step",
    "Steps of the multipliers: products of the fullest bank.",
    (
        Point("bank", "products", {"0": 0, "1": 1, "2": 2, "3": 3, "4+": (4, 256)}),
        Point("all", "all lanes to one bank", labels("no", "yes")),
    ),
)

FLOW = Group(
    "scnn_flow",
    "What passes waited for, what they left out, from their counters.",
    (
        Point("bank", "stall_bank", _SOME),
        Point("fifo", "stall_queue_full", _SOME),
        Point("ppu", "stall_ppu", _SOME),
        Point("skips", "skips", _SOME),
        Point("padding", "slot_padding", _SOME),
    ),
    (Cross("bank_fifo", "banks and broadcast", ("bank", "fifo")),),
)

RESULT = Group(
    "scnn_result",
    "Result packets, PE by PE.",
    (
        Point("kind", "DENSE", labels("compressed", "dense")),
        Point("carry", "carried sums", labels("none", "odd", "even")),
        Point("rows", "rows, compressed", {"0": 0, "1": 1, "2+": (2, _MANY)}),
        Point("channels", "OUT_CHANNELS mod 4", {str(n): n for n in range(4)}),
        Point("box", "results of a channel mod 4", {str(n): n for n in range(4)}),
    ),
    (
        Cross("kind_carry", "kinds and carried sums", ("kind", "carry")),
        Cross("kind_channels", "kinds and channels", ("kind", "channels")),
    ),
)

FAULT = Group(
    "scnn_fault",
    "Errors of a PE: which one.",
    (
        Point("code", "ERR_CODE", _OF_PE),
        Point("pe", "place of the PE", labels("first", "inner", "last")),
    ),
    (Cross("code_pe", "errors and PEs", ("code", "pe")),),
)

COVERAGE: tuple[Group, ...] = (
    *(BUILD, PASS, BLOCK, RUN, TILE, STEP, FLOW, RESULT, FAULT),
    *shared_groups("scnn", DESIGN, {("reset", "error"), ("start", "reset")}),
)


class ScnnCoverage(SocketCoverage):
    """Coverage of ``lac_scnn``; keeps its memories, as the packets filled them."""

    prefix = "scnn"
    groups = COVERAGE
    config: ScnnConfig
    machine: Machine | None = None
    work: Work | None = None
    swapped = False  # whether the source was the destination

    def started(self, observed: ObservedPass) -> None:
        machine = self.machine = self.machine or Machine(self.config)
        state, cfg, self.work = observed.state, dict(enumerate(observed.cfg)), None
        mode = cfg[0]
        wgt = observed.wgt if mode & Mode.LOAD_WGT else None
        act = observed.act if mode & Mode.LOAD_ACT else None
        done = state is not None and state.done
        if not done:  # what was loaded stays, if it was good
            mode &= Mode.LOAD_WGT | Mode.LOAD_ACT
        try:
            self.work, _, _ = machine.run(Pass({**cfg, 0: mode}, wgt, act, 0))
        except (ValueError, IndexError):
            if done:
                raise

    def failed(self, code: int, position: int) -> None:
        super().failed(code, position)
        if code in _OF_PE.values():
            pe, last = position >> 24, self.config.pes - 1
            place = "first" if pe == 0 else "last" if pe == last else "inner"
            self.sample("fault", code=code, pe=place)

    def passed(self, observed: ObservedPass) -> None:
        geo = Geometry.of(dict(enumerate(observed.cfg)))
        if self.work is not None:
            self._build()
            self._pass(geo)
            self._blocks(self.work, geo)
            self._tiles(self.work, geo)
            self._steps(self.work, geo)
            self._flow(observed)
        if geo.mode & Mode.LOAD_ACT:
            self.swapped = False
        elif geo.mode & Mode.SWAP:
            self.swapped = True
        if observed.out is not None and geo.mode & Mode.OUTPUT:
            self._results(observed.out, geo)

    def _build(self) -> None:
        config = self.config
        x, y = config.pe_x, config.pe_y
        self.sample(
            "build",
            pes=config.pes,
            grid="square" if x == y else "wide" if x > y else "tall",
            lanes_f=config.f,
            lanes_i=config.i,
            row_vectors=config.row_vectors,
            bank_map=config.bank_map,
            merge=config.merge,
            grants=config.xbar_grants,
            look_ahead=config.look_ahead,
            carry_lanes=config.carry_lanes,
        )

    def _pass(self, geo: Geometry) -> None:
        mode, found = geo.mode, geo.regions(self.config)
        tile = (geo.tile_h > 1, geo.tile_w > 1)
        halo = max(geo.halo_l, geo.halo_r) - geo.tile_w, max(geo.halo_u, geo.halo_d) - geo.tile_h
        comes, goes = found.carry_in.any(), found.carry_out.any()
        names = ("MERGE", "EMPTY_STEP", "DENSE", "RIM", "SWAP", "RELU")
        source = "swapped" if self.swapped else "resident"
        self.sample(
            "pass",
            kc=geo.kc,
            shape=geo.shape,
            groups=geo.num_groups,
            last="one" if geo.last_k == 1 else "all" if geo.last_k == geo.kc else "some",
            kernel_h=geo.kernel[0],
            kernel_w=geo.kernel[1],
            halo_x=int(geo.halo_l > 0) + 2 * int(geo.halo_r > 0),
            halo_y=int(geo.halo_u > 0) + 2 * int(geo.halo_d > 0),
            tile={(0, 0): "pixel", (0, 1): "row", (1, 0): "column", (1, 1): "plane"}[tile],
            wide="narrow" if max(halo) < 0 else "as_wide" if max(halo) == 0 else "wider",
            gap=geo.out_gap,
            carry=int(comes) + 2 * int(goes),
            keep=int(bool(mode & Mode.OA_KEEP)),
            weight_source="loaded" if mode & Mode.LOAD_WGT else "resident",
            input_source="loaded" if mode & Mode.LOAD_ACT else source,
            output="streamed" if mode & Mode.OUTPUT else "kept",
            **{name.lower(): int(bool(mode & Mode[name])) for name in names},
        )

    def _blocks(self, work: Work, geo: Geometry) -> None:
        config, blocks = self.config, work.blocks
        real = blocks.end == 0
        found = touch(blocks, work.acts, geo)
        weights, acts = blocks.count[real] > 0, found.acts[:, real] > 0
        kind = np.where(acts, np.where(weights, 0, 1), np.where(weights, 2, 3))
        step = int(bool(geo.mode & Mode.EMPTY_STEP))
        self.sample("block", work=np.unique(kind), empty_step=np.full(np.unique(kind).size, step))
        works = found.works[:, real].any(axis=0)
        row, most = config.row_vectors, config.wgt_fifo - config.row_vectors + 1
        vectors = blocks.vectors[real][works]
        size = np.select(
            [vectors == 1, vectors == most, vectors < row, vectors == row], [0, 4, 1, 2], 3
        )
        for one in np.unique(size):
            self.sample("block", vectors=int(one))
        subs = -(-found.acts[found.works] // (config.i >> geo.shape))
        for one in np.unique(np.minimum(subs, 3)):
            self.sample("block", subs=int(one))
        owner = np.repeat(np.arange(blocks.count.size), blocks.count)
        self._runs(owner, blocks.tap * geo.kc + blocks.k, blocks.value, "weights")
        flat = work.acts.count.ravel()
        owner = np.repeat(np.arange(flat.size), flat)
        self._runs(owner, work.acts.position, work.acts.value, "activations")

    def _runs(self, owner: Ints, position: Ints, value: Ints, of: str) -> None:
        """Zeros before each value of segments."""
        real = value != 0
        owner, position = owner[real], position[real]
        first = np.diff(owner, prepend=-1) != 0
        zeros = np.diff(position, prepend=-1) - 1
        zeros = np.where(first, position, zeros)
        for one in np.unique(np.minimum(zeros, 32)):
            self.sample("run", zeros=int(one), of=of)

    def _tiles(self, work: Work, geo: Geometry) -> None:
        config = self.config
        rows, cols = work.acts.count.shape[0], self._inside(geo)
        for pe in range(rows):
            y, x = divmod(pe, config.pe_x)
            self.sample(
                "tile",
                acts=int(min(2, work.acts.count[pe].sum())),
                column=_place(x, config.pe_x),
                row=_place(y, config.pe_y),
                inside=cols[pe],
            )

    def _inside(self, geo: Geometry) -> list[str]:
        """Where the tiles lie: results and sums that leave end where the plane does."""
        config, found = self.config, []
        ends = max(geo.final_y1, geo.carry_out_y), max(geo.final_x1, geo.carry_out_x)
        lead, size = (geo.halo_u, geo.halo_l), (geo.tile_h, geo.tile_w)
        for pe in range(config.pes):
            left = [
                min(max(0, end - at * one - more), one)
                for end, at, one, more in zip(
                    ends, divmod(pe, config.pe_x), size, lead, strict=True
                )
            ]
            whole = all(a == b for a, b in zip(left, size, strict=True))
            found.append("whole" if whole else "cut" if all(left) else "outside")
        return found

    def _steps(self, work: Work, geo: Geometry) -> None:
        config = self.config
        maker = GroupWork(
            work.blocks, work.acts, touch(work.blocks, work.acts, geo), work.offsets, geo, config
        )
        nowhere = config.pes * config.banks
        for group in range(geo.num_groups):
            keys = np.sort(maker.slots(group).keys, axis=1)
            most = np.zeros(len(keys), dtype=np.int64)
            for length in range(1, config.lanes + 1):
                same = keys[:, length - 1 :] == keys[:, : config.lanes - length + 1]
                most[(same & (keys[:, length - 1 :] < nowhere)).any(axis=1)] = length
            for one in np.unique(most):
                every = "yes" if one == config.lanes else "no"
                self.sample("step", bank=int(one), all=every)

    def _flow(self, observed: ObservedPass) -> None:
        counters = observed.counters
        names = {"bank": "stall_bank", "fifo": "stall_queue_full", "ppu": "stall_ppu"}
        names |= {"skips": "skips", "padding": "slot_padding"}
        some = {point: int(counters[name] > 0) for point, name in names.items()}
        self.sample("flow", **some)

    def _results(self, packet: NDArray[np.uint64], geo: Geometry) -> None:
        config, dense = self.config, bool(geo.mode & Mode.DENSE)
        rows, cols = (len(span) for span in geo.box)
        assert self.machine is not None
        carries = [len(out.carry) for out in self.machine.out]
        if dense:
            per = geo.out_channels * -(-rows * cols // 4)
            sizes = [per + -(-carry // config.carry_lanes) for carry in carries]
            if sum(sizes) != packet.size:
                return
            parts = np.split(packet, np.cumsum(sizes)[:-1])
            self._values(np.concatenate([unpack_lanes(part[:per], 16) for part in parts]))
            each: list[PeData | None] = [None] * config.pes
        else:
            each = list(pe_data(packet, geo.out_channels, config))
        for one, carry in zip(each, carries, strict=True):
            self.sample(
                "result",
                kind="dense" if dense else "compressed",
                carry="odd" if carry % 2 else "even" if carry else "none",
                rows=None if one is None else len(one.run),
                channels=geo.out_channels % 4,
                box=rows * cols % 4,
            )
            if one is not None:
                self._entries(one, config.i)

    def _entries(self, one: PeData, lanes: int) -> None:
        """Compressed results of a PE."""
        owner = np.repeat(np.arange(one.counts.size), one.counts)
        rows = -(-one.counts // lanes)
        begin = np.repeat((np.cumsum(rows) - rows) * lanes, one.counts)
        before = np.repeat(np.cumsum(one.counts) - one.counts, one.counts)
        at = begin + np.arange(owner.size) - before
        run, value = one.run.ravel()[at], one.value.ravel()[at]
        self._runs(owner, positions(owner, run), value, "results")
        self._values(value)

    def _values(self, values: Ints) -> None:
        low, high = -(1 << 15), (1 << 15) - 1
        place = [values == low, values < 0, values == 0, values < high]
        for one in np.unique(np.select(place, range(4), 4)):
            self.sample("value", result=int(one))


def _place(at: int, number: int) -> str:
    """Bin of a place in a row of PEs."""
    if number == 1:
        return "only"
    return "first" if at == 0 else "last" if at == number - 1 else "inner"
