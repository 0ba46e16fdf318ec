"""lac_scnn_events: events of all nodes added up, and those that count at once."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng
from tb.scnn.blocks.lockstep import fields

CONFIG = {"PeX": 8, "PeY": 8, "Lanes": 16, "Banks": 32} | config()
NUM, LANES, BANKS = CONFIG["PeX"] * CONFIG["PeY"], CONFIG["Lanes"], CONFIG["Banks"]
#: lac_scnn_node_events_t, highest first: bits, most that a node says, where it is counted.
NODE: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "useful": (9, LANES, ("mac_useful",)),
    "padding": (9, LANES, ("slot_padding",)),
    "empty": (9, LANES, ("slot_empty",)),
    "bank": (9, LANES, ("stall_bank",)),
    "sync": (9, LANES, ("stall_sync",)),
    "merged": (9, LANES, ("merged",)),
    "psum": (10, BANKS, ("psum_reads", "psum_writes")),
    "fifo_rd": (3, 4, ("fifo_reads",)),
    "fifo_wr": (4, 8, ("fifo_writes",)),
    "skip": (4, 8, ("skips",)),
    "carry": (2, 2, ("carry_words",)),
    "act_rd": (1, 1, ("act_reads",)),
    "act_wr": (1, 1, ("act_writes",)),
    "idx_wr": (1, 1, ("idx_writes",)),
    "halo": (1, 1, ("halo_words",)),
    "step": (1, 1, ()),
}
#: lac_events_t, lowest first: own ones, then those of all designs from the last on.
EVENTS = (
    *("halo_words", "fifo_reads", "fifo_writes", "skips", "merged", "stall_ppu", "carry_words", ""),
    *("bypass_hits", "broadcasts", "psum_writes", "psum_reads", "act_writes", "act_reads"),
    *("idx_writes", "idx_reads", "wgt_writes", "wgt_reads", "stall_queue_full", "stall_bank"),
    *("stall_sync", "slot_empty", "slot_padding", "mac_useful"),
)
ONCE = ("take_i", "held_i", "wait_i", "wr_wgt_i", "wr_row_i", "wr_cnt_i")
CLR, LOAD_WGT, LOAD_ACT, COMPUTE, EMIT = 1 << 10, 1 << 8, 1 << 7, 1 << 6, 1 << 5
Node = dict[str, int]


def word(node: Node) -> int:
    """The struct of a node."""
    found = 0
    for name, (width, _, _) in NODE.items():
        found = found << width | node.get(name, 0)
    return found


def expected(history: list[tuple[list[Node], dict[str, int]]]) -> dict[str, int]:
    """Events of the last cycle of a history of nodes and of what counts at once."""
    want = dict.fromkeys(EVENTS, 0)
    for name, (_, _, counters) in NODE.items():
        behind = 2 if name == "idx_wr" else 3
        if len(history) >= behind:
            for counter in counters:
                want[counter] += sum(node.get(name, 0) for node in history[-behind][0])
    now = history[-1][1]
    want["stall_queue_full"] = now["held_i"]
    want["stall_ppu"] = now["wait_i"]
    want["wgt_writes"] = now["wr_wgt_i"]
    want["act_writes"] += now["wr_row_i"]
    want["idx_writes"] += now["wr_cnt_i"]
    want["wgt_reads"] = want["broadcasts"] = now["take_i"]
    want["idx_reads"] = NUM * now["take_i"]
    return want


class EventsBench:
    """Every cycle against the sums of the cycles before."""

    def __init__(self, dut: Any):
        self.pins = Pins(dut, dut.clk_i, "pass_i", "nodes_i", *ONCE, "events_o")
        self.dut = dut
        self.history: list[tuple[list[Node], dict[str, int]]] = []
        self.cut = True
        self.nonzero = 0

    async def cycle(self, nodes: list[Node], now: Node | None = None, phase: int = 0) -> None:
        """One cycle."""
        once = {name: (now or {}).get(name, 0) for name in ONCE}
        width = sum(bits for bits, _, _ in NODE.values())
        packed = sum(word(node) << width * p for p, node in enumerate(nodes))
        self.pins.drive(pass_i=phase, nodes_i=packed, **once)
        self.history.append((nodes, once))
        await RisingEdge(self.dut.clk_i)
        (events,) = self.pins.read("events_o")
        found = dict(zip(EVENTS, fields(events, 16, len(EVENTS)), strict=True))
        hidden = self.cut or phase & CLR
        want = dict.fromkeys(EVENTS, 0) if hidden else expected(self.history)
        assert found == want, {k: (found[k], want[k]) for k in want if found[k] != want[k]}
        self.nonzero += any(want.values())
        if phase & CLR:
            self.cut = True
        elif phase:
            self.cut = False


@leaf_test
async def smoke(dut):
    """Goal: where each number is counted, and when. Stimulus: each event of one PE after the other.
    Check: every event in every cycle."""
    await bring_up(dut)
    bench = EventsBench(dut)
    await bench.cycle([], phase=COMPUTE)
    for at, (name, (_, most, _)) in enumerate(NODE.items()):
        await bench.cycle([{name: most} if p == at % NUM else {} for p in range(NUM)])
    for name in ONCE:
        await bench.cycle([], {name: 1})
    assert bench.nonzero >= len(NODE)


@leaf_test
async def extremes(dut):
    """Goal: the largest sums. Stimulus: all PEs at their most, in turns with nothing. Check: every
    event."""
    await bring_up(dut)
    bench = EventsBench(dut)
    await bench.cycle([], phase=EMIT)
    for turn in range(6):
        await bench.cycle([{n: turn % 2 * most for n, (_, most, _) in NODE.items()}] * NUM)
    assert bench.nonzero >= 3


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any numbers, passes that are cut off. Stimulus: 200 cycles with a clr now and then, and
    each first phase behind it. Check: every event; none from a clr to the next phase."""
    await bring_up(dut)
    bench, draw = EventsBench(dut), rng()
    cuts = 0
    for _ in range(200):
        nodes = [
            {name: int(draw.integers(most + 1)) for name, (_, most, _) in NODE.items()}
            for _ in range(NUM)
        ]
        # A row is taken or waits; activations are not loaded while one is taken.
        which = int(draw.integers(4))
        now = {name: int(draw.integers(2)) for name in ("wait_i", "wr_wgt_i", "wr_cnt_i")}
        now |= {ONCE[which]: 1} if which < 2 else {"wr_row_i": int(draw.integers(2))}
        phase = 0
        if draw.random() < 0.1:
            phase = int(draw.choice([CLR, LOAD_WGT, LOAD_ACT, COMPUTE, EMIT]))
        cuts += phase == CLR and not bench.cut
        await bench.cycle(nodes, now, phase)
    assert cuts and bench.nonzero > 20
