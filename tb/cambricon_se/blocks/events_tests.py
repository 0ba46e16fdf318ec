"""lac_cse_events: what the cores did in a cycle, added up in Python."""

from __future__ import annotations

from collections import defaultdict

from cocotb.triggers import RisingEdge, Timer

from models.socket import Phase
from tb.cambricon_se.blocks.reference import EVENT
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.structs import EVENTS, PASS, pack_struct, split_struct

CONFIG: dict[str, int] = {"Cores": 2, "Pes": 16, "Lanes": 16, "Window": 128, "CodeRow": 64}
CONFIG |= {"PerPe": 0} | config()
CORES, PES, LANES = CONFIG["Cores"], CONFIG["Pes"], CONFIG["Lanes"]
WINDOW, CODE_ROW, PER_PE = CONFIG["Window"], CONFIG["CodeRow"], bool(CONFIG["PerPe"])
SINGLE = (
    *("keep_i", "out_rd_i", "wr_codes_i", "wr_entry_i", "wr_row_i"),
    *("word_in_i", "word_out_i", "word_wgt_i", "decode_i"),
)
LOADS = ("wr_codes_i", "wr_entry_i", "wr_row_i")
PHASES = ("load_wgt", "load_act", "compute", "emit")
#: Slots that a core, or a PE, lost come so many cycles later, with those of the vectors that were
#: decided in the same cycle.
ENDED, HELD = 7, 6
#: Cycles of reset behind which no such slots are on their way.
EMPTIED = ENDED + 2


class EventsBench:
    """A cycle at a time; what comes of it is compared in the next one."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(
            dut, dut.clk_i, "pass_i", "cores_i", "ended_i", *SINGLE, "events_o", "step_o"
        )
        self.now, self.cut, self.counted = 0, True, 0
        self.before: dict | None = None
        #: cycle -> core -> has ended, PEs that are held
        self.ended: dict[int, list[bool]] = defaultdict(lambda: [False] * CORES)
        self.held: dict[int, list[int]] = defaultdict(lambda: [0] * CORES)
        self.compute: dict[int, bool] = defaultdict(bool)

    def lost(self, name: str, behind: int) -> list[int]:
        """What was ``behind`` cycles ago."""
        return getattr(self, name)[self.now - behind]

    def counting(self, at: int) -> list[bool]:
        """Cores that have ended, which others have not, in a cycle of Compute."""
        ended = self.ended[at]
        return [one and not all(ended) and self.compute[at] for one in ended]

    def cycle(self, rate: float) -> dict:
        """Random events that multipliers can have: a slot has one account."""
        draw, cores = self.draw, []
        self.ended[self.now] = (draw.random(CORES) < rate / 2).tolist()
        idle = self.counting(self.now - 1)
        self.held[self.now] = [
            0 if idle[c] or not PER_PE or draw.random() > rate else int(draw.integers(PES))
            for c in range(CORES)
        ]
        gone, held = self.counting(self.now - ENDED + 1), self.held[self.now - HELD + 1]
        for c in range(CORES):
            left = 0 if gone[c] else LANES * (PES - held[c])
            one = dict.fromkeys(EVENT, 0) | {"held": self.held[self.now][c]}
            for name in draw.permutation(["useful", "padding", "empty"]):
                if draw.random() < rate:
                    one[name] = int(draw.integers(left + 1)) if draw.random() < 0.7 else left
                    left -= one[name]
            for name, most in (("vectors", PES if PER_PE else 1), ("outputs", PES)):
                one[name] = int(draw.integers(most + 1)) if draw.random() < rate else 0
            one["enter"] = int(draw.random() < rate)
            one["none"] = one["enter"] & int(draw.integers(2))
            one["step"] = int(draw.random() < rate)
            cores.append(one)
        single = {name: int(draw.random() < rate) for name in SINGLE}
        chosen = int(draw.integers(4))
        single |= {name: int(k == chosen) for k, name in enumerate(LOADS)}
        return single | {"cores": cores}

    def drive(self, one: dict, phase: dict[str, int]) -> None:
        bits = sum(EVENT.values())
        cores = sum(pack_struct(EVENT, part) << bits * c for c, part in enumerate(one["cores"]))
        self.compute[self.now] = phase["phase"] == Phase.COMPUTE
        ended = sum(int(bit) << c for c, bit in enumerate(self.ended[self.now]))
        single = {name: one[name] for name in SINGLE}
        self.pins.drive(pass_i=pack_struct(PASS, phase), cores_i=cores, ended_i=ended, **single)

    def want(self, one: dict, now: dict) -> dict[str, int]:
        """The events of a cycle, in the next one; loads count in their own, ``now``."""
        total = {name: sum(core[name] for core in one["cores"]) for name in EVENT}
        found = dict.fromkeys(EVENTS, 0)
        found["mac_useful"], found["slot_padding"] = total["useful"], total["padding"]
        found["slot_empty"] = total["empty"]
        lost = sum(self.counting(self.now - ENDED)) * PES + sum(self.lost("held", HELD))
        found["stall_sync"] = lost * LANES
        found["wgt_reads"] = total["enter"] * PES * CODE_ROW
        found["idx_reads"] = total["enter"] * (1 + PES if PER_PE else 1)
        found["act_reads"] = total["enter"] * WINDOW
        found["wgt_writes"] = now["wr_codes_i"] * CODE_ROW
        found["idx_writes"] = now["wr_entry_i"]
        found["act_writes"] = now["wr_row_i"] * CORES * WINDOW
        found["psum_writes"] = total["outputs"]
        found["psum_reads"] = PES if one["out_rd_i"] else total["outputs"] * now["keep_i"]
        own = [total["vectors"], total["enter"], total["none"]]
        own += [one["word_in_i"], one["word_out_i"], one["word_wgt_i"]]
        return found | {"own": sum(value << 16 * k for k, value in enumerate(own))}

    async def step(self, rate: float, phase: int = Phase.COMPUTE, **pulses: int) -> None:
        """A cycle, and what the one before has to give in it."""
        one = self.cycle(rate)
        self.drive(one, {"phase": phase} | pulses)
        await Timer(1, "ns")
        if self.before is not None and self.now > ENDED:
            want = self.want(self.before, one)
            if self.cut or pulses.get("clr", 0):
                want = dict.fromkeys(EVENTS, 0)
            events, step = self.pins.read("events_o", "step_o")
            found = split_struct(EVENTS, events)
            assert found == want, f"{found}, expected {want}"
            moved = self.before["out_rd_i"] or self.before["decode_i"]
            moved = moved or any(core["step"] for core in self.before["cores"])
            assert step == int(moved), f"step_o {step}"
            self.counted += sum(want.values()) > 0
        if pulses.get("clr"):
            self.cut = True
        elif any(pulses.get(name) for name in PHASES):
            self.cut = False
        self.before = one
        self.now += 1
        await RisingEdge(self.dut.clk_i)


@leaf_test
async def smoke(dut):
    """Goal: events of Compute. Stimulus: 30 cycles behind its first one. Check: each in the next
    cycle."""
    await bring_up(dut, EMPTIED)
    bench = EventsBench(dut)
    await bench.step(0.5, compute=1)
    for _ in range(30):
        await bench.step(0.5)
    assert bench.counted >= 20


@for_profiles(globals(), ("random",))
async def random(dut, profile):
    """Goal: clears and phases in any order. Stimulus: 400 cycles with now and then one of them, of
    any phase. Check: nothing from a clear to the next phase, else each event."""
    await bring_up(dut, EMPTIED)
    bench, draw, phase = EventsBench(dut), rng(), Phase.COMPUTE
    for _ in range(400):
        pulses = {}
        if draw.random() < 0.1:
            pulses = {str(draw.choice(["clr", "check", *PHASES])): 1}
            phase = Phase(int(draw.choice(list(Phase))))
        await bench.step(float(draw.choice([0.05, 0.5, 1.0])), phase, **pulses)
    assert bench.counted > 50


@leaf_test
async def extremes(dut):
    """Goal: all at once, and nothing. Stimulus: every core, PE and lane in a cycle. Check: the sums
    fit."""
    await bring_up(dut, EMPTIED)
    bench = EventsBench(dut)
    await bench.step(0.0, compute=1)
    for rate in (*[0.0] * 8, 1.0, 0.0, *[1.0] * 20, 0.0, 0.0):
        await bench.step(rate)
    assert bench.counted


@leaf_test
async def reset_mid(dut):
    """Goal: a reset cuts as a clear does. Stimulus: one among events. Check: nothing until the next
    phase."""
    await bring_up(dut, EMPTIED)
    bench = EventsBench(dut)
    for name in PHASES:
        await bench.step(0.5, **{name: 1})
        for _ in range(9):
            await bench.step(0.5)
        bench.pins.drive(pass_i=0, **dict.fromkeys(LOADS, 0))
        await reset(dut, EMPTIED)
        bench.cut, bench.before = True, None
        for _ in range(12):
            await bench.step(0.5)
