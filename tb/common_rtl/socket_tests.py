"""lac_socket around a toy core (``lac_tb_socket.sv``): runs, errors, watchdog, counters.

What a pass must do is worked out from its CFG and packets by :class:`Toy`, a few lines of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models import socket
from models.socket import ACT_MAGIC, COUNTERS, WGT_MAGIC, ErrorCode, Phase
from tb.common.bfm.axil import AxiLiteMaster
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink
from tb.common.uvm.registers import SLVERR, Registers, State

PER_WORD = config().get("ActPerWord", 1)
WORDS_PER = config().get("ActWordsPer", 1)
IN_COMPUTE = bool(config().get("WgtInCompute", 0))
SLOTS = config().get("NumSlots", 100)
OWN = config().get("NumOwn", 0)
WGT, ACT, COMPUTE, OUTPUT, SWAP = (1 << bit for bit in range(5))
ALL = WGT | ACT | COMPUTE | OUTPUT | SWAP
EARLY = 1 << 16
BOUND = 2000
MASK = (1 << 64) - 1


@dataclass
class Toy:
    """A pass of the toy core; ``lac_tb_socket.sv`` says what the fields do."""

    mode: int = ALL
    check: int = 1
    refuse: int | None = None
    wgt: list[int] = field(default_factory=lambda: [1, 2, 3])
    units: int = 6
    act: list[int] = field(default_factory=list)
    wgt_fault: int = 0
    act_fault: int = 0
    cycles: int = 5
    run_fault: int = 0
    words: int = 3
    early: bool = False
    out_fault: int = 0
    events: tuple[int, int, int, int] = (20, 10, 5, 2)
    waits: tuple[int, int] = (0, 0)
    progress: bool = False

    def __post_init__(self) -> None:
        count = -(-self.units // PER_WORD) * WORDS_PER
        self.act = self.act or [100 * (k + 1) for k in range(count)]

    def cfg(self) -> dict[int, int]:
        """The CFG registers."""
        check = self.check | (0 if self.refuse is None else 1 << 8 | self.refuse << 12)
        useful, padding, empty, sync = self.events
        return {
            0: self.mode,
            1: check,
            2: self.units,
            3: self.wgt_fault | self.act_fault << 16,
            4: self.cycles | self.run_fault << 16,
            5: self.words | (EARLY if self.early else 0) | self.out_fault << 24,
            6: useful | padding << 8 | empty << 16 | sync << 24,
            7: self.waits[0] | self.waits[1] << 4 | (1 << 8 if self.progress else 0),
        }

    def wgt_packet(self) -> list[int]:
        return [WGT_MAGIC << 32 | len(self.wgt), *self.wgt]

    def act_packet(self) -> list[int]:
        return [ACT_MAGIC << 32 | self.units, *self.act]

    def sum(self) -> int:
        """Of the words of both packets."""
        return sum(self.wgt if self.mode & WGT else []) + sum(self.act if self.mode & ACT else [])

    def results(self, base: int) -> list[int]:
        """The words of the result packet."""
        if not self.mode & OUTPUT:
            return []
        return [base + self.sum() + k & MASK for k in range(self.words)]

    def counters(self, cycles: Mapping[str, int]) -> dict[str, int]:
        """All counters, by the cycles of phases that depend on the streams."""
        run = cycles["cycles_compute"]
        useful, padding, empty, sync = self.events
        want = dict.fromkeys((name for name, _ in COUNTERS), 0) | dict(cycles)
        want |= {"mac_slots": SLOTS, "mac_useful": useful, "slot_padding": padding}
        want |= {"slot_empty": empty, "stall_sync": sync, "stall_bank": 1, "stall_queue_full": 2}
        want |= {"stall_input": SLOTS - useful - padding - empty - sync - 1}
        want |= {"wgt_reads": 3, "idx_reads": 4, "idx_writes": 5, "act_reads": 6}
        want |= {"psum_writes": 7, "broadcasts": 8, "bypass_hits": 9}
        slots = ("mac_", "slot_", "stall_i", "stall_sync", "stall_bank")
        for name, value in want.items():
            if name in cycles:
                continue
            # The core computes from the cycle behind the start of the phase on.
            want[name] = value * (run if name.startswith(slots) else max(run - 1, 0))
        want["wgt_writes"] = len(self.wgt) if self.mode & WGT else 0
        want["act_writes"] = len(self.act) if self.mode & ACT else 0
        want["psum_reads"] = self.words if self.mode & OUTPUT else 0
        return want


class SocketBench:
    """The socket, its host and its streams."""

    def __init__(self, dut, pause: str = "none", sink: str = "none"):
        self.dut, self.rng = dut, rng()
        self.base = 0
        self.master = AxiLiteMaster(dut, "s_axil", dut.clk_i, delays=pause != "none")
        self.registers = Registers(self.master.write, self.master.read)
        self.wgt = StreamDriver(dut, "s_axis_wgt", dut.clk_i, pause=pause)
        self.act = StreamDriver(dut, "s_axis_act", dut.clk_i, pause=pause)
        self.sink = StreamSink(dut, "m_axis_out", dut.clk_i, pause=sink)
        self.out = StreamMonitor(dut, "m_axis_out", dut.clk_i)
        self.pins = Pins(dut, dut.clk_i, "irq_o", "rst_ni", "m_axis_out_tvalid")

    async def setup(self, watchdog: int = 500) -> None:
        """Registers that are written once."""
        await self.registers.setup(watchdog)

    def queue(self, driver: StreamDriver, words: list[int], last: int | None = None) -> None:
        """A packet, tlast on word ``last`` (None: the final one; -1: on none)."""
        last = len(words) - 1 if last is None else last
        driver.extend((word, int(k == last)) for k, word in enumerate(words))

    async def start(self, toy: Toy, packets: bool = True, waiting: bool = False) -> None:
        """CFG, START and the packets; ``waiting``: they are at the doors before."""
        self.out.beats.clear()
        self.out.stalled = 0
        await self.registers.configure(toy.cfg())
        if not waiting:
            await self.registers.start()
        if packets and toy.mode & WGT:
            self.queue(self.wgt, toy.wgt_packet())
        if packets and toy.mode & ACT:
            self.queue(self.act, toy.act_packet())
        if waiting:
            await self.registers.start()

    async def end(self) -> State:
        """Wait for the interrupt; STATUS."""
        for _ in range(BOUND):
            if self.pins.read("irq_o")[0]:
                return await self.registers.state()
            await RisingEdge(self.dut.clk_i)
        raise AssertionError(f"no interrupt in {BOUND} cycles")

    async def counters(self) -> dict[str, int]:
        return await self.registers.counters()

    async def good(self, toy: Toy, waiting: bool = False) -> dict[str, int]:
        """A pass that must end well, with its results and all its counters."""
        await self.start(toy, waiting=waiting)
        state = await self.end()
        assert state == State(False, True, False, False, Phase.IDLE), f"{state}"
        want = toy.results(self.base)
        got = [tuple(beat) for beat in self.out.beats]
        assert got == [(w, int(k == len(want) - 1), 0) for k, w in enumerate(want)], f"{got}"
        found = await self.counters()
        cycles = {n: found[n] for n in found if n.startswith("cycles")}
        cycles["stall_output"] = self.out.stalled
        assert found == toy.counters(cycles), f"{found}, expected {toy.counters(cycles)}"
        self._cycles(toy, cycles)
        for index in range(OWN):
            value = await self.registers.read(f"PERF{24 + index}")
            assert value == (10 + index) * max(cycles["cycles_compute"] - 1, 0)
        assert await self.registers.read(f"PERF{min(24 + OWN, 31)}") in (
            0,
            value if OWN == 8 else 0,
        )
        if toy.mode & SWAP:
            self.base = self.base + toy.sum() & MASK
        await self.registers.acknowledge()
        return found

    def _cycles(self, toy: Toy, cycles: Mapping[str, int]) -> None:
        """Cycles of the phases, as far as the streams leave them alone."""
        phases = ("wgt", "act", "compute", "output")
        parts = {phase: cycles[f"cycles_{phase}"] for phase in phases}
        swap = int(bool(toy.mode & SWAP))
        assert cycles["cycles"] == max(toy.check, 1) + sum(parts.values()) + swap, f"{cycles}"
        own = toy.mode & WGT and not (IN_COMPUTE and toy.mode & COMPUTE)
        used = {"wgt": own, "act": toy.mode & ACT, "compute": toy.mode & COMPUTE}
        for phase, bit in (used | {"output": toy.mode & OUTPUT}).items():
            assert bool(parts[phase]) == bool(bit), f"{phase}: {parts}"
        busy = toy.early or (IN_COMPUTE and toy.mode & WGT)
        if toy.mode & COMPUTE:
            assert busy or parts["compute"] == max(toy.cycles, 1) + 1, f"{parts}"

    async def bad(self, toy: Toy, code: ErrorCode, position: int, packets: bool = True) -> None:
        """A pass that must end in this error; then a soft reset and a good one."""
        await self.start(toy, packets)
        await self.told(code, position)
        await self.recover()

    async def told(self, code: ErrorCode, position: int) -> None:
        """The error, with its code and position."""
        state = await self.end()
        want = State(False, False, True, state.dropped, Phase.ERROR, code, position)
        assert state == want, f"{state}, expected {want}"

    async def recover(self, forget: bool = False) -> None:
        """Drain what was sent, soft reset, a good pass."""
        if not forget:
            await self.wgt.drain()
            await self.act.drain()
        await ClockCycles(self.dut.clk_i, 2)
        await self.registers.soft_reset(forget)
        await ClockCycles(self.dut.clk_i, 2)
        assert (await self.registers.state()) == State(False, False, False, False, Phase.IDLE)
        await self.clear_output()
        await self.good(Toy())

    async def clear_output(self) -> None:
        """Take what is left of a packet that was cut off."""
        self.sink.set_pause("none")
        await ClockCycles(self.dut.clk_i, 4)
        assert not self.out.beats or self.out.beats[-1][1], f"{self.out.beats}"


async def brought_up(
    dut, pause: str = "none", sink: str = "none", watchdog: int = 500
) -> SocketBench:
    """A socket behind its reset, with its registers set up."""
    await bring_up(dut)
    bench = SocketBench(dut, pause, sink)
    await bench.setup(watchdog)
    return bench


@leaf_test
async def smoke(dut):
    """Goal: a pass of all phases, twice. Stimulus: two packets, computing, results, swap. Check:
    results, every counter, STATUS, ID and all CAP registers."""
    bench = await brought_up(dut)
    await bench.good(Toy())
    await bench.good(Toy(wgt=[7], units=1))
    assert await bench.registers.read("ID") == socket.ID_PREFIX | config().get("DesignId", 1)
    for index in range(socket.NUM_CAP):
        want = (0x1111_0000 * (index + 1) + SLOTS) & 0xFFFF_FFFF
        assert await bench.registers.read(f"CAP{index}") == want


@leaf_test
async def directed_phases(dut):
    """Goal: phases that MODE does not ask for are skipped. Stimulus: all 31 choices of phases,
    checks of 1 and of several cycles. Check: results, every counter."""
    bench = await brought_up(dut)
    for mode in range(1, 32):
        await bench.good(Toy(mode, check=1 + mode % 3, cycles=1 + mode % 4))


@leaf_test
async def directed_early_results(dut):
    """Goal: results may leave while the pass computes. Stimulus: results sent in Compute, more and
    less than it is long, with a receiver that stops, then a pass that sends in Output. Check:
    results, every counter; Output lasts one cycle when all has gone before."""
    bench = await brought_up(dut)
    for words, cycles in product((1, 4, 12), (1, 5, 20)):
        found = await bench.good(Toy(early=True, words=words, cycles=cycles))
        if cycles > words + 3:
            assert found["cycles_output"] == 1, f"{found}"
        await bench.good(Toy(words=2))
    bench.sink.set_pause("slow")
    await bench.good(Toy(early=True, words=9))


@leaf_test
async def directed_refused(dut):
    """Goal: what the register block refuses does no harm. Stimulus: start, forget and CFG writes
    while a pass runs. Check: SLVERR, dropped; the pass ends well."""
    bench = await brought_up(dut)
    await bench.start(Toy(cycles=200))
    await bench.registers.write("CTRL", socket.CTRL_START, expect=SLVERR)
    await bench.registers.write("CTRL", socket.CTRL_FORGET, expect=SLVERR)
    await bench.registers.write("CFG4", 1, expect=SLVERR)
    state = await bench.end()
    assert state.done and state.dropped and not state.error
    bench.base += Toy().sum()
    await bench.good(Toy())


@leaf_test
async def directed_soft_reset(dut):
    """Goal: a soft reset ends a pass in any cycle. Stimulus: one after 0..40 cycles of a pass with
    packets that come slowly and results that wait. Check: idle behind it, packets under way taken
    to their tlast, no result of it behind an aborted packet; then a good pass."""
    bench = await brought_up(dut)
    for wait in range(0, 41, 2):
        bench.sink.set_pause("cycle")
        toy = Toy(mode=ALL & ~SWAP, waits=(1, 1), cycles=6, words=6)
        await bench.start(toy)
        await ClockCycles(dut.clk_i, wait)
        await bench.registers.soft_reset()
        await ClockCycles(dut.clk_i, 2)
        assert not (await bench.registers.state()).busy
        # Packets at the door are no part of the pass: one that asks for nothing throws them away.
        await bench.registers.configure({0: 0x20})
        await bench.registers.start()
        await bench.told(ErrorCode.GEOMETRY, 0)
        await bench.recover()


@leaf_test
async def directed_forget(dut):
    """Goal: a packet that does not come to its end is forgotten. Stimulus: a packet of each stream
    that stops in the middle; watchdog; soft reset with forget. Check: TIMEOUT in the phase of the
    stream, PACKETS says which is in the middle, then a good pass."""
    bench = await brought_up(dut, watchdog=40)
    late = Phase.COMPUTE if IN_COMPUTE else Phase.WGT
    for stream, phase in (("wgt", late), ("act", Phase.ACT)):
        toy = Toy()
        await bench.start(toy, packets=False)
        if stream == "act":
            bench.queue(bench.wgt, toy.wgt_packet())
        elif IN_COMPUTE:
            bench.queue(bench.act, toy.act_packet())
        driver = getattr(bench, stream)
        bench.queue(driver, getattr(toy, f"{stream}_packet")()[:2], last=-1)
        await bench.told(ErrorCode.TIMEOUT, int(phase))
        if stream == "wgt" and not IN_COMPUTE:
            assert [half.middle for half in await bench.registers.packets()] == [True, False]
        elif stream == "act":
            assert [half.middle for half in await bench.registers.packets()][1]
        await bench.wgt.drain()
        await bench.recover(forget=True)


@leaf_test
async def directed_packets(dut):
    """Goal: PACKETS counts what the pass has taken. Stimulus: passes with either packet, then
    refused ones with 3 packets at the doors. Check: PACKETS."""
    bench = await brought_up(dut)
    for mode in (WGT | COMPUTE, ACT, WGT | ACT | COMPUTE):
        await bench.good(Toy(mode))
        taken = [half.packets for half in await bench.registers.packets()]
        assert taken == [int(bool(mode & WGT)), int(bool(mode & ACT))]
    toy = Toy(refuse=3)
    await bench.start(toy)
    bench.queue(bench.wgt, toy.wgt_packet())
    await bench.told(ErrorCode.GEOMETRY, 3)
    await bench.wgt.drain()
    await bench.act.drain()
    assert [half.packets for half in await bench.registers.packets()] == [2, 1]
    await bench.recover()


@leaf_test(cycles=200_000)
async def directed_watchdog(dut):
    """Goal: WATCHDOG + 1 silent cycles of a phase end it, not one less. Stimulus: computing of 1 to
    14 cycles that says nothing, WATCHDOG 4 and 9; computing that tells progress; a silent check;
    packets and results far longer than WATCHDOG; WATCHDOG 0. Check: TIMEOUT exactly from
    WATCHDOG + 2 cycles on, counted with the cycle in which it is told."""
    bench = await brought_up(dut)
    for watchdog in (4, 9):
        await bench.registers.write("WATCHDOG", watchdog)
        for cycles in range(1, 15):
            toy = Toy(COMPUTE | OUTPUT, cycles=cycles)
            if cycles + 1 < watchdog + 2:
                await bench.good(toy)
            else:
                await bench.start(toy)
                await bench.told(ErrorCode.TIMEOUT, int(Phase.COMPUTE))
                found = await bench.counters()
                assert found["cycles_compute"] == watchdog + 2, f"{found}"
                await bench.registers.write("WATCHDOG", 500)
                await bench.recover()
                await bench.registers.write("WATCHDOG", watchdog)
        await bench.good(Toy(COMPUTE | OUTPUT, cycles=40, progress=True, check=30))
        long = Toy(wgt=list(range(30)), units=80, words=30, cycles=1)
        await bench.good(long, waiting=True)
    await bench.registers.write("WATCHDOG", 0)
    await bench.good(Toy(COMPUTE, cycles=300))


@leaf_test
async def bad_watchdog(dut):
    """Goal: nothing hangs. Stimulus: each stream that does not move: weights, activations, a
    receiver that takes nothing; a packet that has no end while the error is drained. Check: TIMEOUT
    with the phase, counters that stand behind the interrupt; or the first error, told when the
    watchdog has given up the drain."""
    bench = await brought_up(dut, watchdog=30)
    late = Phase.COMPUTE if IN_COMPUTE else Phase.WGT
    toy = Toy()
    await bench.start(toy, packets=False)
    bench.queue(bench.act, toy.act_packet())
    await bench.told(ErrorCode.TIMEOUT, int(late))
    await bench.recover()
    await bench.start(toy, packets=False)
    bench.queue(bench.wgt, toy.wgt_packet())
    await bench.told(ErrorCode.TIMEOUT, int(Phase.ACT))
    await bench.recover()
    bench.sink.set_pause("block")
    await bench.start(toy)
    await bench.told(ErrorCode.TIMEOUT, int(Phase.OUTPUT))
    final = await bench.counters()
    assert final == await bench.counters(), "a counter moves behind the interrupt"
    await bench.recover()
    await bench.start(Toy(WGT), packets=False)
    bench.queue(bench.wgt, [0, 1, 2], last=-1)
    await bench.told(ErrorCode.WGT_HEADER, 0)
    assert [half.middle for half in await bench.registers.packets()] == [True, False]
    await bench.recover(forget=True)


@leaf_test
async def bad_geometry(dut):
    """Goal: a refused geometry ends the pass before its first phase, whatever lies at the doors.
    Stimulus: every CFG index, checks of 1 to 4 cycles. Check: GEOMETRY with the index, no phase
    begun, both packets thrown away; then a good pass."""
    bench = await brought_up(dut)
    for index in range(16):
        await bench.start(Toy(refuse=index, check=1 + index % 4))
        await bench.told(ErrorCode.GEOMETRY, index)
        found = await bench.counters()
        assert not any(found[f"cycles_{p}"] for p in ("wgt", "act", "compute", "output")), (
            f"{found}"
        )
        await bench.recover()


@leaf_test
async def bad_packet(dut):
    """Goal: faults of framing. Stimulus: wrong magic, a count that is not announced, tlast early
    and missing, on both streams. Check: code and beat; the rest thrown away; then a good pass."""
    bench = await brought_up(dut)
    toy = Toy()
    wgt, act = toy.wgt_packet(), toy.act_packet()
    far = len(act) - 1
    cases = [
        ("wgt", [5, *wgt[1:]], None, ErrorCode.WGT_HEADER, 0),
        ("wgt", wgt, 2, ErrorCode.WGT_SHORT, 2),
        ("wgt", [*wgt, 1, 2], None, ErrorCode.WGT_LONG, 3),
        ("act", [act[0] ^ 1 << 40, *act[1:]], None, ErrorCode.ACT_HEADER, 0),
        ("act", [act[0] + 1, *act[1:]], None, ErrorCode.ACT_HEADER, 0),
        ("act", act, far - 1, ErrorCode.ACT_SHORT, far - 1),
        ("act", [*act, 9], None, ErrorCode.ACT_LONG, far),
    ]
    for stream, words, last, code, beat in cases:
        await bench.start(toy, packets=False)
        if stream == "act" or IN_COMPUTE:
            bench.queue(*((bench.wgt, wgt) if stream == "act" else (bench.act, act)))
        if last is not None:  # the rest is a packet of its own
            bench.queue(getattr(bench, stream), words[last + 1 :] or [0])
            getattr(bench, stream)._sendQ.clear()
            words = words[: last + 1]
        bench.queue(getattr(bench, stream), words)
        await bench.told(code, beat)
        await bench.recover()


@leaf_test
async def bad_word(dut):
    """Goal: faults that the core finds in a word. Stimulus: each word of either packet, its last
    one too; a fault of framing and of the word at once. Check: code of the core and the beat, of
    both at once the framing's; then a good pass."""
    bench = await brought_up(dut)
    for number in range(1, 4):
        await bench.bad(Toy(wgt_fault=number), ErrorCode.WGT_ORDER, number)
    for number in range(1, len(Toy().act) + 1):
        await bench.bad(Toy(act_fault=number), ErrorCode.ROW_RANGE, number)
    toy = Toy(wgt_fault=2)
    await bench.start(toy, packets=False)
    bench.queue(bench.wgt, toy.wgt_packet()[:3])
    if IN_COMPUTE:
        bench.queue(bench.act, toy.act_packet())
    await bench.told(ErrorCode.WGT_SHORT, 2)
    await bench.recover()


@leaf_test
async def bad_core(dut):
    """Goal: errors of computing and of sending. Stimulus: one in each cycle of Compute, the last
    one too, at each result word, with a receiver that waits. Check: code and position of the core;
    what was begun on the result stream is ended as aborted; then a good pass."""
    bench = await brought_up(dut)
    for cycle in range(1, 6):
        await bench.bad(Toy(run_fault=cycle), ErrorCode.POINTER_ORDER, cycle)
        assert not bench.pins.read("m_axis_out_tvalid")[0]
    for sink, word in product(("none", "cycle"), range(1, 5)):
        bench.sink.set_pause(sink)
        toy = Toy(words=4, out_fault=word)
        await bench.start(toy)
        await bench.told(ErrorCode.POINTER_RANGE, 0xA000_0000 | word - 1)
        await bench.clear_output()
        sent = [tuple(beat) for beat in bench.out.beats]
        whole = toy.results(bench.base)
        if sent and not sent[-1][2]:  # the last word left with the error: nothing is cut off
            assert word == 4 and sent == [(w, int(w == whole[-1]), 0) for w in whole], f"{sent}"
        else:
            assert sent == [*((w, 0, 0) for w in whole[: len(sent) - 1]), (0, 1, 1)][-len(sent) :]
        await bench.recover()


@leaf_test
async def bad_error_sticks(dut):
    """Goal: an error stays until the soft reset. Stimulus: start, acknowledge, CFG writes and more
    packets behind an error. Check: start refused, error with its position as before, the packets
    thrown away; then a good pass."""
    bench = await brought_up(dut)
    await bench.start(Toy(run_fault=2))
    await bench.told(ErrorCode.POINTER_ORDER, 2)
    await bench.registers.write("CTRL", socket.CTRL_START, expect=SLVERR)
    await bench.registers.acknowledge()
    bench.queue(bench.wgt, [1, 2, 3])
    bench.queue(bench.act, [1])
    await bench.wgt.drain()
    await bench.act.drain()
    await bench.told(ErrorCode.POINTER_ORDER, 2)
    await bench.recover()


@for_profiles(globals())
async def random(dut, profile):
    """Goal: anything. Stimulus: 16 random passes, streams and receiver in the rhythm of the
    profile, words that the core lets wait, errors in a part of them. Check: results and all
    counters, or the error; each followed by a good pass."""
    bench = await brought_up(dut, profile, profile)
    draw = bench.rng
    ends = {"good": 0, "bad": 0}
    for _ in range(16):
        toy = Toy(
            mode=int(draw.integers(1, 32)),
            check=int(draw.integers(1, 6)),
            wgt=[int(w) for w in draw.integers(0, MASK, draw.integers(1, 9), dtype=np.uint64)],
            units=int(draw.integers(1, 12)),
            cycles=int(draw.integers(1, 30)),
            words=int(draw.integers(1, 9)),
            early=bool(draw.integers(2)),
            events=cast(Any, tuple(int(v) for v in draw.integers(0, SLOTS // 4, 4))),
            waits=(int(draw.integers(4)), int(draw.integers(4))),
        )
        if toy.early and not toy.mode & COMPUTE:
            toy.early = False
        bench.sink.set_pause(profile)
        if toy.mode & COMPUTE and draw.random() < 0.4:
            toy.run_fault = int(draw.integers(1, toy.cycles + 1))
            toy.early = False
            await bench.start(toy)
            await bench.told(ErrorCode.POINTER_ORDER, toy.run_fault)
            await bench.recover()
            ends["bad"] += 1
        else:
            await bench.good(toy)
            ends["good"] += 1
    assert min(ends.values()) > 0, f"{ends}"


@leaf_test
async def extremes(dut):
    """Goal: all bits of what passes through. Stimulus: words with all bits set, the smallest and
    longest packets, no event and as many as there are slots. Check: results, every counter."""
    bench = await brought_up(dut)
    await bench.good(Toy(wgt=[MASK] * 2, act=[], units=1))
    await bench.good(Toy(wgt=[MASK, 1, MASK >> 1], units=60, words=70))
    for events in ((0, 0, 0, 0), (SLOTS - 1, 0, 0, 0), (0, 0, 0, SLOTS - 1), (0, SLOTS - 1, 0, 0)):
        await bench.good(Toy(events=events))


@leaf_test
async def throughput(dut):
    """Goal: no cycle between words or phases. Stimulus: packets and results at full rate. Check: a
    packet of n words takes n + 1 cycles, results n + 2, computing as long as the core says."""
    bench = await brought_up(dut)
    toy = Toy(wgt=list(range(20)), units=24, words=30)
    found = await bench.good(toy)
    if not IN_COMPUTE:
        assert found["cycles_act"] == len(toy.act) + 2, f"{found}"
    assert found["cycles_output"] == toy.words + 2, f"{found}"


@leaf_test
async def reset_mid(dut):
    """Goal: a reset in any phase. Stimulus: one after 0, 3, ... 39 cycles of a pass. Check: idle,
    registers at their reset values; then a good pass."""
    bench = await brought_up(dut)
    for wait in range(0, 40, 3):
        await bench.start(Toy(waits=(1, 1), cycles=6, words=6))
        await ClockCycles(dut.clk_i, wait)
        bench.wgt.abort()
        bench.act.abort()
        await reset(dut)
        bench.registers.forget()
        bench.base = 0
        assert (await bench.registers.state()) == State(False, False, False, False, Phase.IDLE)
        assert await bench.registers.read("WATCHDOG") == 1 << 20
        await bench.setup()
        await bench.good(Toy())
