"""lac_scnn_walker: barrier and commands against the walk as nested loops."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from cocotb.triggers import RisingEdge

from models.scnn.registers import Mode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.scnn.blocks.top_reference import DRAIN, NONE, SEND_S, TAIL, Geo, any_geo, place, walk

CONFIG = {"Banks": 32, "Entries": 32, "MaxKc": 64, "BankMap": 0} | config()
BANKS, ENTRIES, BANK_MAP = (CONFIG[name] for name in ("Banks", "Entries", "BankMap"))
LIN = BANKS // 4 * ENTRIES
MAX_KC = min(CONFIG["MaxKc"], 4 * ENTRIES)
READ: tuple[str, ...] = (
    "go_o",
    "go_last_o",
    "last_o",
    "finish_o",
    "op_o",
    "k_o",
    "bank_o",
    "entry_o",
    "ax_o",
    "ay_o",
)
READ += ("add_bank_o", "add_entry_o", "set_clr_o", "ev_wait_o")
#: From a go to the cycle behind which commands come, at least.
AHEAD = 3


class WalkerBench:
    """Plays the PEs: ends of groups and the drain of their last products, as late as asked."""

    def __init__(self, dut: Any):
        self.dut, self.rng = dut, rng()
        inputs = ("clr_i", "start_i", "cfg_i", "tile_lin_i", "up_lin_i", "last_lin_i")
        self.pins = Pins(dut, dut.clk_i, *inputs, "end_i", "drained_i", "go_o", "finish_o")
        self.log: dict[int, dict[str, int]] = {}
        self.driven: dict[int, tuple[int, int]] = {}
        self.monitor = EdgeMonitor(dut, ["end_i", "drained_i", *READ], self._sample)
        self.seen: set[str] = set()

    def _sample(self, seen: EdgeMonitor) -> None:
        now = cycle()
        self.driven[now] = seen["end_i"], seen["drained_i"]
        quick = {name: seen[name] for name in ("go_o", "go_last_o", "last_o", "finish_o", "op_o")}
        quick |= {name: seen[name] for name in ("set_clr_o", "ev_wait_o")}
        if quick["op_o"]:
            quick |= {name: seen[name] for name in ("k_o", "bank_o", "entry_o", "ax_o", "ay_o")}
        if self.log.get(now - 2, {}).get("op_o", NONE) in range(1, SEND_S + 1):
            quick |= {name: seen[name] for name in ("add_bank_o", "add_entry_o")}
        self.log[now] = quick

    async def setup(self, geo: Geo) -> None:
        """Geometry, long enough for the sizes to settle; the products that the check has made."""
        tile = geo.tile_h * geo.pitch
        self.pins.drive(cfg_i=geo.packed, tile_lin_i=tile, up_lin_i=geo.halo_u * geo.pitch)
        self.pins.drive(last_lin_i=(geo.acc_h - 1) * geo.pitch, end_i=0, drained_i=1)
        for _ in range(4):
            await RisingEdge(self.dut.clk_i)

    async def run(self, geo: Geo, late: int = 6, slow: int = 6) -> None:
        """A pass; groups end and drain up to ``late`` and ``slow`` cycles later than they could."""
        await self.setup(geo)
        self.log.clear()
        start = cycle() + 1
        await self.pins.pulse("start_i")
        end_in, drain_in, gone = int(self.rng.integers(0, late + 1)), -1, 0
        budget = 400 + 3 * geo.groups * (len(list(walk(geo, False))) + 60)
        end, drained = 0, 1
        for _ in range(budget):
            went, finished = self.pins.read("go_o", "finish_o")
            if finished:
                break
            if went:
                gone += 1
                # old_q of the PEs is 1 in the cycle behind the go.
                end, drained, drain_in = (
                    int(gone == geo.groups),
                    0,
                    int(self.rng.integers(0, slow + 1)),
                )
                end_in = int(self.rng.integers(0, late + 1)) if gone < geo.groups else -1
            elif drain_in == 0:
                drained, drain_in = 1, -1
            elif drain_in > 0:
                drain_in -= 1
            if end_in == 0:
                end = 1
            end_in -= end_in >= 0
            self.pins.drive(end_i=end, drained_i=drained)
            await RisingEdge(self.dut.clk_i)
        assert finished, f"no end in {budget} cycles: {geo}"
        await RisingEdge(self.dut.clk_i)
        self.check(geo, start)
        self.pins.drive(end_i=0, drained_i=1)
        await self.pins.pulse("clr_i")
        await RisingEdge(self.dut.clk_i)

    def check(self, geo: Geo, start: int) -> None:
        """All cycles of the pass against the rules."""
        end, ready, at = max(self.log), start + 1, start + 1
        want: dict[int, dict[str, int]] = {t: {} for t in range(start + 1, end + 1)}
        for group in range(geo.groups):
            while not (self.driven[at - 1][0] and at > start + 1):
                at += 1
            for late in range(at, ready):
                want[late]["ev_wait_o"] = 1
                self.seen.add("wait")
            go = max(at, ready)
            want[go] |= {"go_o": 1}
            last = group == geo.groups - 1
            if last:
                want[go]["go_last_o"] = 1
            w = go + AHEAD
            while not self.driven[w - 1][1]:
                w += 1
                self.seen.add("drains late")
            commands = list(walk(geo, last))
            for t, one in enumerate(commands, w + 1):
                if one.op == NONE:
                    continue
                bank, entry = place(one.k, one.lin, geo.kc_log, BANKS, ENTRIES, BANK_MAP)
                want[t]["op_o"] = one.op
                if one.op <= DRAIN:
                    want[t] |= {"k_o": one.k, "bank_o": bank, "entry_o": entry}
                if one.op == DRAIN:
                    want[t] |= {"ax_o": one.ax, "ay_o": one.ay}
                else:
                    self.seen.add(f"op {one.op}")
                if one.op <= SEND_S:
                    far = place(one.k, one.far, geo.kc_log, BANKS, ENTRIES, BANK_MAP)
                    want[t + 2] |= {"add_bank_o": far[0], "add_entry_o": far[1]}
            ready = w + 1 + len(commands) + TAIL
            want[ready - 2]["set_clr_o"] = 1
            if last:
                want[ready - 2]["last_o"] = 1
            at = go + 2
        want[ready]["finish_o"] = 1
        always = ("go_o", "go_last_o", "last_o", "finish_o", "op_o", "set_clr_o", "ev_wait_o")
        for t, items in want.items():
            for name in always:
                found, right = self.log[t].get(name, 0), items.get(name, 0)
                assert found == right, (
                    f"{name} in cycle {t - start}: {found}, expected {right}: {geo}"
                )
            for name, right in items.items():
                found = self.log[t][name]
                assert found == right, (
                    f"{name} in cycle {t - start}: {found}, expected {right}: {geo}"
                )


PLAIN = Geo(groups=2, tile_w=2, pitch=2, last_k=3)


@leaf_test
async def smoke(dut):
    """Goal: a pass without halo. Stimulus: two groups of a tile of two pixels. Check: every output
    in every cycle."""
    await bring_up(dut)
    await WalkerBench(dut).run(PLAIN)


@leaf_test
async def directed_sides(dut):
    """Goal: each halo alone, all together, wider than the tile. Stimulus: one group each, box and
    rim, with and without a gap. Check: every output in every cycle; all commands came."""
    await bring_up(dut)
    bench = WalkerBench(dut)
    for rim in (0, 1):
        mode = Mode.COMPUTE | (Mode.RIM if rim else 0)
        for side in ("l", "r", "u", "d", "lrud"):
            halos = {f"halo_{one}": 2 for one in side}
            geo = Geo(mode=mode, tile_w=1, tile_h=2, last_k=2, gap=rim, **halos)
            await bench.run(Geo(**(vars(geo) | {"pitch": geo.acc_w})))
    assert {f"op {op}" for op in range(1, 8) if op != DRAIN} <= bench.seen, bench.seen


@leaf_test
async def extremes(dut):
    """Goal: the shortest walk and the largest group. Stimulus: one pixel and one channel; the
    largest Kc; PEs that are done at once and others that come late. Check: every output."""
    await bring_up(dut)
    bench = WalkerBench(dut)
    await bench.run(Geo(), 0, 0)
    await bench.run(Geo(groups=3), 0, 0)
    await bench.run(Geo(groups=2), 0, 30)
    top = MAX_KC.bit_length() - 1
    await bench.run(Geo(groups=2, kc_log=top, last_k=MAX_KC, halo_l=1, pitch=2), 0, 0)
    await bench.run(Geo(groups=2, tile_w=3, pitch=3), 90, 0)
    assert {"wait", "drains late"} <= bench.seen


@leaf_test
async def throughput(dut):
    """Goal: the next group goes T cycles behind. Stimulus: three groups of PEs that are done
    before. Check: distance of the goes."""
    await bring_up(dut)
    bench = WalkerBench(dut)
    geo = Geo(groups=3, tile_w=2, tile_h=2, pitch=3, gap=1, last_k=4)
    await bench.run(geo, 0, 0)
    goes = [t for t, seen in sorted(bench.log.items()) if seen["go_o"]]
    size = AHEAD + 1 + len(list(walk(geo, False))) + TAIL
    assert [b - a for a, b in pairwise(goes)] == [size, size]


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a walk. Stimulus: each in several cycles of a pass. Check: nothing
    comes behind; then a whole pass."""
    await bring_up(dut)
    bench = WalkerBench(dut)
    for way in ("reset", "clear"):
        for wait in (1, 3, 5, 8, 14, 25):
            await bench.setup(PLAIN)
            await bench.pins.pulse("start_i")
            bench.pins.drive(end_i=1)
            for _ in range(wait):
                await RisingEdge(dut.clk_i)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            bench.pins.drive(end_i=0)
            await RisingEdge(dut.clk_i)
            behind = cycle()
            for _ in range(40):
                await RisingEdge(dut.clk_i)
            quiet = [t for t, seen in bench.log.items() if t > behind and any(seen.values())]
            assert not quiet, f"{way} after {wait}: {quiet}"
            await bench.run(PLAIN)


@for_profiles(globals(), ("none",), cycles=200_000)
async def random(dut, profile):
    """Goal: any geometry. Stimulus: 25 random ones, PEs of any pace. Check: every output in every
    cycle."""
    await bring_up(dut)
    bench = WalkerBench(dut)
    for _ in range(25):
        late, slow = (int(bench.rng.choice([0, 8, 60])) for _ in range(2))
        await bench.run(any_geo(bench.rng, LIN, min(16, MAX_KC)), late, slow)
    assert "wait" in bench.seen
