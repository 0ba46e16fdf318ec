"""lac_axil_regs against the register map of ``models.socket``."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, RisingEdge, gather

from models import socket
from tb.common.bfm.axil import OKAY, SLVERR, AxiLiteAccess, AxiLiteMaster, AxiLiteMonitor
from tb.common.bfm.block import Pins, PulseMonitor, bring_up, config, leaf_test, reset, rng

DESIGN = config().get("DesignId", 1)
ADDR = {name: offset for name, (offset, _, _) in socket.REGISTERS.items()}
NAME = {offset: name for name, offset in ADDR.items()}
ACCESS = {name: access for name, (_, access, _) in socket.REGISTERS.items()}
WATCHDOG_RESET = 1 << 20
WORD = 0xFFFF_FFFF
START, SOFT_RESET, IRQ_ACK = socket.CTRL_START, socket.CTRL_SOFT_RESET, socket.CTRL_IRQ_ACK
FORGET = socket.CTRL_FORGET
# Cycles from the call of a write to the edge at which it acts: sync, accept, act.
WRITE_CYCLES = 3
# Cycles that done and error wait for the counters.
SETTLE = 2
_CORE = (
    *("start_o", "soft_rst_o", "busy_i", "done_i", "err_valid_i", "err_code_i", "err_pos_i"),
    *("phase_i", "cap_i", "cfg_o", "perf_i", "packets_i", "watchdog_o", "irq_o"),
)


class Model:
    """What the block has to hold; ``write`` and ``read`` answer as the header says."""

    def __init__(self):
        self.rw = {n: 0 for n, access in ACCESS.items() if access == "RW"}
        self.rw["WATCHDOG"] = WATCHDOG_RESET
        self.inputs = {n: 0 for n in ACCESS if n.startswith(("CAP", "PERF", "PACKETS"))}
        self.busy = self.done = self.error = self.dropped = False
        self.phase = self.code = self.position = 0
        self.starts = self.resets = self.forgets = 0

    def status(self) -> int:
        """STATUS register."""
        flags = (self.busy, self.done, self.error, self.dropped)
        return sum(int(flag) << i for i, flag in enumerate(flags)) | self.phase << 8

    def read(self, address: int) -> tuple[int, int]:
        """(data, response) of a read."""
        name = NAME.get(address)
        fixed = {
            "ID": socket.ID_PREFIX | DESIGN,
            "VERSION": socket.SOCKET_VERSION,
            "CTRL": 0,
            "STATUS": self.status(),
            "ERR_CODE": self.code,
            "ERR_POS": self.position,
        }
        if name is None:
            return 0, SLVERR
        return {**fixed, **self.rw, **self.inputs}[name], OKAY

    def write(self, address: int, data: int, strobe: int = 0xF) -> int:
        """Response of a write."""
        name = NAME.get(address)
        if name is None or ACCESS[name] == "RO":
            return SLVERR
        if name == "CTRL":
            return self._control(data if strobe & 1 else 0)
        if self.busy and name != "IRQ_EN":
            self.dropped = True
            return SLVERR
        mask = sum(0xFF << 8 * i for i in range(4) if strobe >> i & 1)
        merged = self.rw[name] & ~mask | data & mask
        self.rw[name] = merged & 1 if name == "IRQ_EN" else merged
        return OKAY

    def _control(self, bits: int) -> int:
        start, forget = bool(bits & START), bool(bits & FORGET)
        start_ok = start and not (self.busy or self.error or bits & SOFT_RESET)
        forget_ok = forget and (not self.busy or bool(bits & SOFT_RESET))
        refused = start != start_ok or forget != forget_ok
        if bits & IRQ_ACK:
            self.done = False
        if bits & SOFT_RESET:
            self.done = self.error = self.dropped = False
            self.code = self.position = 0
            self.resets += 1
        self.forgets += forget_ok
        if start_ok:
            self.done = self.dropped = False
            self.code = self.position = 0
            self.starts += 1
        self.dropped |= refused
        return SLVERR if refused else OKAY

    def fail(self, code: int, position: int) -> None:
        """The core reports an error."""
        if not self.error:
            self.error, self.code, self.position = True, code, position

    @property
    def irq(self) -> bool:
        """irq_o."""
        return bool(self.rw["IRQ_EN"]) and (self.done or self.error)


class AxilRegsBench:
    """Bus master, bus monitor, core side, and the model beside them."""

    def __init__(self, dut, delays: bool = False):
        self.dut = dut
        self.model = Model()
        self.bus = AxiLiteMaster(dut, "s_axil", dut.clk_i, delays=delays)
        self.core = Pins(dut, dut.clk_i, *_CORE)
        self.monitor = AxiLiteMonitor(dut, "s_axil", dut.clk_i, reset_n=dut.rst_ni)
        self.watch_pulses()

    def watch_pulses(self) -> None:
        """Count start_o, soft_rst_o and forget_o, from 0."""
        self.starts, self.resets, self.forgets = (
            PulseMonitor(self.dut, self.dut.clk_i, name, reset_n=self.dut.rst_ni)
            for name in ("start_o", "soft_rst_o", "forget_o")
        )

    async def write(self, address: int | str, data: int, strobe: int = 0xF) -> int:
        """Write, and check the response and everything that shows on the core side."""
        address = ADDR[address] if isinstance(address, str) else address
        want = self.model.write(address, data, strobe)
        got = await self.bus.write(address, data, strobe)
        assert got == want, f"write {address:#x}: response {got}, expected {want}"
        await self.check()
        return got

    async def read(self, address: int | str) -> int:
        """Read, and check data and response."""
        address = ADDR[address] if isinstance(address, str) else address
        want = self.model.read(address)
        got = await self.bus.read(address)
        assert got == want, f"read {address:#x}: (data, response) {got}, expected {want}"
        return got[0]

    async def check(self) -> None:
        """Outputs to the core, when an event shows."""
        await ClockCycles(self.dut.clk_i, 2 + SETTLE)
        irq, cfg, watchdog = self.core.read("irq_o", "cfg_o", "watchdog_o")
        assert irq == self.model.irq, f"irq_o {irq}, STATUS is {self.model.status():#x}"
        want = sum(self.model.rw[f"CFG{i}"] << 32 * i for i in range(socket.NUM_CFG))
        assert cfg == want, f"cfg_o {cfg:#x}, expected {want:#x}"
        assert watchdog == self.model.rw["WATCHDOG"]
        seen = (self.starts.count, self.resets.count, self.forgets.count)
        pulses = (self.model.starts, self.model.resets, self.model.forgets)
        assert seen == pulses, f"start, soft reset, forget pulses {seen}, expected {pulses}"

    async def event(self, **values: int) -> None:
        """Something on the core side: levels stay, pulses last a cycle."""
        self.core.drive(**values)
        model = self.model
        model.busy = bool(values.get("busy_i", model.busy))
        model.phase = values.get("phase_i", model.phase)
        await RisingEdge(self.dut.clk_i)
        self.core.drive(done_i=0, err_valid_i=0)
        model.done |= bool(values.get("done_i"))
        if values.get("err_valid_i"):
            model.fail(values["err_code_i"], values["err_pos_i"])
        await self.check()

    async def inputs(self, draw) -> None:
        """New values on cap_i, perf_i and packets_i."""
        for port, prefix, count in (
            ("cap_i", "CAP", socket.NUM_CAP),
            ("perf_i", "PERF", socket.NUM_PERF),
        ):
            values = draw.integers(0, 1 << 32, count).tolist()
            self.core.drive(**{port: sum(v << 32 * i for i, v in enumerate(values))})
            self.model.inputs |= {f"{prefix}{i}": v for i, v in enumerate(values)}
        self.model.inputs["PACKETS"] = int(draw.integers(1 << 32))
        self.core.drive(packets_i=self.model.inputs["PACKETS"])
        await RisingEdge(self.dut.clk_i)

    async def run(self, **end: int) -> None:
        """A whole run: start, busy, the end given (default done), idle."""
        assert await self.write("CTRL", START) == OKAY
        await self.event(busy_i=1, phase_i=3)
        await self.event(busy_i=0, phase_i=0, **(end or {"done_i": 1}))


async def start_bench(dut, delays: bool = False) -> AxilRegsBench:
    """Clock, reset, bench."""
    await bring_up(dut)
    return AxilRegsBench(dut, delays)


@leaf_test
async def smoke(dut):
    """Goal: one run. Stimulus: identification, a CFG, start, done, acknowledge. Check: pulses,
    flags, interrupt."""
    bench = await start_bench(dut)
    for name in ("ID", "VERSION", "STATUS", "WATCHDOG", "CFG0"):
        await bench.read(name)
    await bench.write("CFG0", 0x1234_5678)
    await bench.write("IRQ_EN", 1)
    await bench.run()
    assert await bench.read("STATUS") == socket.STATUS_DONE
    await bench.write("CTRL", IRQ_ACK)
    assert await bench.read("STATUS") == 0


@leaf_test
async def extremes(dut):
    """Goal: the whole map and nothing but the map. Stimulus: every word address and some unaligned
    ones, read, written, read; random values on cap_i and perf_i. Check: data and response."""
    bench, draw = await start_bench(dut), rng()
    await bench.inputs(draw)
    odd = (4 * draw.integers(0, 1024, 40) + draw.integers(1, 4, 40)).tolist()
    odd += [ADDR["CTRL"] + 1, ADDR["CFG0"] + 2, ADDR["PERF0"] + 3]
    for address in [*range(0, 0x200, 4), *range(0x200, 0x1000, 64), 0xFFC, *odd]:
        await bench.read(address)
        if address != ADDR["CTRL"]:
            await bench.write(address, WORD)
            await bench.read(address)
    held = [name for name, access in ACCESS.items() if access == "RW"]
    for name in held:
        await bench.write(name, 0)
    for name in held:
        assert await bench.read(name) == 0


async def _random(dut, delays: bool) -> None:
    bench, draw = await start_bench(dut, delays), rng()
    await bench.inputs(draw)
    addresses = [*NAME, 0x0C0, 0x180, 0xFFC, 0x009, 0x042]
    for _ in range(300):
        what = draw.choice(["read", "write", "control", "core"], p=[0.3, 0.2, 0.25, 0.25])
        data, strobe = int(draw.integers(1 << 32)), int(draw.choice([15, 15, 1, 2, 6, 0]))
        address = int(draw.choice(addresses))
        if what == "read":
            await bench.read(address)
        elif what == "write" and address != ADDR["CTRL"]:
            await bench.write(address, data, strobe)
        elif what == "control":
            starts, resets = bench.model.starts, bench.model.resets
            bits = int(
                draw.choice(
                    [START, SOFT_RESET, IRQ_ACK, FORGET, int(draw.integers(16))],
                    p=[0.5, *[0.1] * 3, 0.2],
                )
            )
            await bench.write("CTRL", bits, strobe | int(draw.integers(2)))
            if bench.model.resets > resets:
                await bench.event(busy_i=0, phase_i=0)
            elif bench.model.starts > starts:
                await bench.event(busy_i=1, phase_i=int(draw.integers(7)))
        elif bench.model.busy:
            error = {"err_valid_i": 1, "err_code_i": int(draw.integers(1, 16)), "err_pos_i": data}
            ends: Any = [{"done_i": 1}, error, error | {"done_i": 1}]
            end = draw.choice(ends, p=[0.6, 0.2, 0.2])
            await bench.event(busy_i=int(draw.integers(2)), **end)
    assert bench.model.starts >= 3 and bench.model.resets >= 3
    assert len(bench.monitor.accesses) > 100


@leaf_test
async def random_none(dut):
    """Goal: any order of accesses and core events. Stimulus: 300 of them, no delays. Check: every
    response, register and output against the model."""
    await _random(dut, delays=False)


@leaf_test
async def random_random(dut):
    """Goal: the same with the freedom of the protocol: AW and W in any order, late ready. Stimulus:
    as random_none, with random delays. Check: likewise."""
    await _random(dut, delays=True)


@leaf_test
async def directed_strobes(dut):
    """Goal: byte strobes. Stimulus: every strobe on CFG, WATCHDOG, IRQ_EN and CTRL. Check: only the
    bytes named change; CTRL acts on byte 0 alone."""
    bench = await start_bench(dut)
    for name in ("CFG3", "WATCHDOG", "IRQ_EN"):
        for strobe in range(16):
            await bench.write(name, 0)
            await bench.write(name, WORD, strobe)
            await bench.read(name)
    for strobe in (0, 2, 4, 8, 14):
        assert await bench.write("CTRL", WORD, strobe) == OKAY
    assert bench.model.starts == bench.model.resets == bench.model.forgets == 0


@leaf_test
async def directed_error(dut):
    """Goal: an error is kept until a soft reset. Stimulus: two errors in a run, acknowledge, a
    start, a soft reset, a start. Check: the first code and position stay; the start between is
    refused."""
    bench = await start_bench(dut)
    await bench.write("IRQ_EN", 1)
    await bench.write("CTRL", START)
    await bench.event(busy_i=1)
    await bench.event(err_valid_i=1, err_code_i=9, err_pos_i=0x1234_5678)
    await bench.event(err_valid_i=1, err_code_i=3, err_pos_i=7)
    await bench.event(busy_i=0, done_i=1)
    await bench.write("CTRL", IRQ_ACK)
    for name in ("STATUS", "ERR_CODE", "ERR_POS"):
        await bench.read(name)
    assert bench.model.code == 9 and bench.model.irq
    assert await bench.write("CTRL", START) == SLVERR
    assert await bench.read("STATUS") == socket.STATUS_ERROR | socket.STATUS_DROPPED
    await bench.write("CTRL", SOFT_RESET)
    for name in ("STATUS", "ERR_CODE", "ERR_POS"):
        assert await bench.read(name) == 0
    await bench.run()


@leaf_test
async def directed_done_and_acknowledge(dut):
    """Goal: a done is never lost. Stimulus: done_i in each cycle around an acknowledge. Check: gone
    if it came before the write acted, kept from that cycle on."""
    bench = await start_bench(dut)
    kept = []
    for offset in range(WRITE_CYCLES + 3):
        await bench.write("CTRL", IRQ_ACK)

        async def late_done(cycles: int) -> None:
            await ClockCycles(dut.clk_i, cycles)
            await bench.core.pulse("done_i")

        async def late_write() -> None:
            await ClockCycles(dut.clk_i, SETTLE)
            await bench.bus.write(ADDR["CTRL"], IRQ_ACK)

        await gather(late_write(), late_done(offset + 1))
        await ClockCycles(dut.clk_i, 4 + SETTLE)
        data, _ = await bench.bus.read(ADDR["STATUS"])
        kept.append(bool(data & socket.STATUS_DONE))
    # The write acts at edge WRITE_CYCLES + SETTLE; a pulse that starts at edge k is sampled at edge
    # k + 1, and shows SETTLE later.
    assert kept == [offset + 2 >= WRITE_CYCLES for offset in range(len(kept))], kept


@leaf_test
async def directed_settle(dut):
    """Goal: done and error show when the counters do, and not before. Stimulus: done_i, with
    and without err_valid_i at the end of a run, STATUS, ERR_CODE and ERR_POS read in each cycle
    around it; an error behind another. Check: busy up to the cycle before irq_o, which is 3 cycles
    behind the pulse; flags, code and position come with it, and are those of the first error."""
    bench = await start_bench(dut)
    await bench.write("IRQ_EN", 1)
    names = {"STATUS": (socket.STATUS_DONE, socket.STATUS_ERROR), "ERR_CODE": (0, 5),
             "ERR_POS": (0, 77)}  # fmt: skip
    for (name, shown), failed, offset in product(names.items(), (False, True), range(7)):
        await bench.write("CTRL", START)
        await bench.event(busy_i=1)

        async def end(failed: bool) -> list[int]:
            await ClockCycles(dut.clk_i, 3)
            bench.core.drive(done_i=1, err_valid_i=int(failed))
            bench.core.drive(err_code_i=5, err_pos_i=77)
            levels: list[Any] = []
            for _ in range(6):
                await RisingEdge(dut.clk_i)
                bench.core.drive(busy_i=0, done_i=0, err_code_i=6, err_pos_i=8)
                bench.core.drive(err_valid_i=int(failed and len(levels) == 0))
                levels.append(bench.core.read("irq_o")[0])
            return levels

        async def read(name: str, offset: int) -> int:
            await ClockCycles(dut.clk_i, offset)
            return (await bench.bus.read(ADDR[name]))[0]

        levels, value = await gather(end(failed), read(name, offset))
        bench.core.drive(err_valid_i=0)
        assert levels == [0, 0, 0, 1, 1, 1], levels
        # Sampled at edge offset + 2; the first edge that sees the interrupt is 3 + 4.
        if name == "STATUS":
            done = socket.STATUS_DONE | (socket.STATUS_ERROR if failed else 0)
            want = done if offset + 2 >= 7 else socket.STATUS_BUSY
        else:
            want = shown[failed] if offset + 2 >= 7 else 0
        assert value == want, f"{name} {value:#x} at {offset}, expected {want:#x}"
        await bench.bus.write(ADDR["CTRL"], SOFT_RESET)
        bench.model.busy = False
        bench.model.resets += 1


@leaf_test
async def directed_soft_reset_wins(dut):
    """Goal: what a dying run still reports does not outlive the soft reset. Stimulus: done_i and
    err_valid_i in each cycle around it. Check: gone up to and with the cycle of soft_rst_o."""
    bench = await start_bench(dut)
    kept = []
    for offset in range(WRITE_CYCLES + 3):

        async def late(cycles: int) -> None:
            await ClockCycles(dut.clk_i, cycles)
            bench.core.drive(err_valid_i=1, err_code_i=5, done_i=1)
            await RisingEdge(dut.clk_i)
            bench.core.drive(err_valid_i=0, done_i=0)

        await gather(bench.bus.write(ADDR["CTRL"], SOFT_RESET), late(offset + 1))
        await ClockCycles(dut.clk_i, 4 + SETTLE)
        data, _ = await bench.bus.read(ADDR["STATUS"])
        both = socket.STATUS_DONE | socket.STATUS_ERROR
        assert data & both in (0, both)
        kept.append(bool(data & both))
    assert kept == [offset + 2 >= WRITE_CYCLES + 2 for offset in range(len(kept))], kept


@leaf_test
async def directed_busy_at_once(dut):
    """Goal: no one sees the core idle between an accepted start and busy_i. Stimulus: a core that
    answers start_o one cycle later, STATUS read in each cycle around the start. Check: idle up to
    the cycle in which the write acts, busy from then on."""
    bench = await start_bench(dut)

    async def core() -> None:
        while True:
            await RisingEdge(dut.clk_i)
            if bench.core.read("start_o")[0]:
                bench.core.drive(busy_i=1)

    async def late_read(cycles: int) -> bool:
        await ClockCycles(dut.clk_i, cycles)
        data, _ = await bench.bus.read(ADDR["STATUS"])
        return bool(data & socket.STATUS_BUSY)

    answers = cocotb.start_soon(core())
    busy = []
    for offset in range(1, WRITE_CYCLES + 3):
        _, seen = await gather(bench.bus.write(ADDR["CTRL"], START), late_read(offset))
        busy.append(seen)
        bench.core.drive(busy_i=0)
        await ClockCycles(dut.clk_i, 2)
    answers.cancel()
    # A read samples two cycles after its call, and sees what the edge before has left.
    assert busy == [offset + 2 > WRITE_CYCLES for offset in range(1, WRITE_CYCLES + 3)], busy


@leaf_test
async def directed_concurrent(dut):
    """Goal: reads and writes do not disturb each other. Stimulus: 40 pairs at once, with delays.
    Check: data, responses, and that the monitor saw all of them."""
    bench, draw = await start_bench(dut, delays=True), rng()
    for _ in range(40):
        data = int(draw.integers(1 << 32))
        index = int(draw.integers(socket.NUM_CFG))
        bench.model.write(ADDR[f"CFG{index}"], data)
        response, (ident, _) = await gather(
            bench.bus.write(ADDR[f"CFG{index}"], data), bench.bus.read(ADDR["ID"])
        )
        assert (response, ident) == (OKAY, socket.ID_PREFIX | DESIGN)
        assert await bench.read(f"CFG{index}") == data
    assert len(bench.monitor.accesses) == 120


@leaf_test
async def throughput(dut):
    """Goal: the rate of the header. Stimulus: valid and ready held high for 120 cycles. Check: a
    read in 2 cycles, a write in 3."""
    bench = await start_bench(dut)
    signals = ("araddr", "arvalid", "rready", "awaddr", "awvalid", "wdata", "wstrb", "wvalid")
    pins = Pins(dut, dut.clk_i, *(f"s_axil_{s}" for s in (*signals, "bready")))
    pins.drive(s_axil_araddr=ADDR["ID"], s_axil_awaddr=ADDR["CFG0"], s_axil_wstrb=15)
    pins.drive(**{f"s_axil_{s}": 1 for s in ("arvalid", "rready", "awvalid", "wvalid", "bready")})
    await ClockCycles(dut.clk_i, 122)
    seen: list[AxiLiteAccess] = bench.monitor.accesses
    for write, cycles in ((True, 3), (False, 2)):
        times = [a.cycle for a in seen if a.write == write]
        gaps = {later - earlier for earlier, later in pairwise(times)}
        assert gaps == {cycles}, f"{'write' if write else 'read'} every {gaps} cycles"
        assert len(times) >= 120 // cycles


@leaf_test
async def reset_mid(dut):
    """Goal: reset. Stimulus: everything changed, a run and an error; an access half done when reset
    comes. Check: reset values, and a run afterwards."""
    bench = await start_bench(dut)
    for name in ("CFG0", "CFG15", "WATCHDOG", "IRQ_EN"):
        await bench.write(name, WORD)
    await bench.write("CTRL", START)
    await bench.event(busy_i=1, err_valid_i=1, err_code_i=1, err_pos_i=1)
    half = Pins(dut, dut.clk_i, "s_axil_awvalid", "s_axil_arvalid")
    half.drive(s_axil_awvalid=1, s_axil_arvalid=1)
    await RisingEdge(dut.clk_i)
    await RisingEdge(dut.clk_i)
    half.drive(s_axil_awvalid=0, s_axil_arvalid=0)
    bench.core.drive(busy_i=0)
    await reset(dut)
    bench.model = Model()
    bench.watch_pulses()
    for name in ("STATUS", "ERR_CODE", "ERR_POS", "CFG0", "CFG15", "WATCHDOG", "IRQ_EN"):
        await bench.read(name)
    await bench.run()


@leaf_test
async def bad_start_busy(dut):
    """Goal: a start while busy. Stimulus: it. Check: SLVERR,
    dropped, no pulse, the run ends as if nothing had been; the next start clears dropped."""
    bench = await start_bench(dut)
    await bench.write("CTRL", START)
    await bench.event(busy_i=1)
    assert await bench.write("CTRL", START) == SLVERR
    assert await bench.read("STATUS") & socket.STATUS_DROPPED
    await bench.event(busy_i=0, done_i=1)
    assert await bench.read("STATUS") == socket.STATUS_DONE | socket.STATUS_DROPPED
    await bench.run()
    assert await bench.read("STATUS") == socket.STATUS_DONE


@leaf_test
async def bad_write_busy(dut):
    """Goal: the geometry of a run cannot change. Stimulus: CFG and WATCHDOG writes while busy.
    Check: SLVERR, dropped, values kept; IRQ_EN and acknowledge still work; a soft reset clears
    dropped."""
    bench = await start_bench(dut)
    await bench.write("CTRL", START)
    await bench.event(busy_i=1)
    for name in ("CFG0", "CFG15", "WATCHDOG"):
        assert await bench.write(name, 5) == SLVERR
        assert await bench.read(name) == bench.model.rw[name]
        assert await bench.read("STATUS") & socket.STATUS_DROPPED
        await bench.write("CTRL", SOFT_RESET)
        assert not await bench.read("STATUS") & socket.STATUS_DROPPED
    assert await bench.write("IRQ_EN", 1) == OKAY
    assert await bench.write("CTRL", IRQ_ACK) == OKAY
    assert not bench.model.dropped


@leaf_test
async def bad_forget_busy(dut):
    """Goal: packets of a run that goes on are not forgotten. Stimulus: forget while idle, busy,
    and busy with a soft reset; with a start. Check: a pulse, SLVERR and dropped, a pulse; both
    pulses."""
    bench = await start_bench(dut)
    assert await bench.write("CTRL", FORGET) == OKAY
    await bench.write("CTRL", START)
    await bench.event(busy_i=1)
    assert await bench.write("CTRL", FORGET) == SLVERR
    assert await bench.read("STATUS") == socket.STATUS_BUSY | socket.STATUS_DROPPED
    assert await bench.write("CTRL", FORGET | SOFT_RESET) == OKAY
    await bench.event(busy_i=0)
    assert await bench.write("CTRL", FORGET | START) == OKAY
    assert bench.model.forgets == 3


@leaf_test
async def bad_start_with_reset(dut):
    """Goal: start and soft reset in one write. Stimulus: it, when idle and when busy. Check: the
    reset acts, the start is refused."""
    bench = await start_bench(dut)
    for busy in (0, 1):
        await bench.event(busy_i=busy)
        assert await bench.write("CTRL", START | SOFT_RESET) == SLVERR
        await bench.event(busy_i=0)
        assert await bench.read("STATUS") == socket.STATUS_DROPPED
    assert (bench.model.starts, bench.model.resets) == (0, 2)


@leaf_test
async def bad_read_only(dut):
    """Goal: read-only registers. Stimulus: a write to each, idle and busy. Check: SLVERR, nothing
    changes, not even dropped."""
    bench, draw = await start_bench(dut), rng()
    await bench.inputs(draw)
    for busy in (0, 1):
        await bench.event(busy_i=busy)
        for name, access in ACCESS.items():
            if access == "RO":
                assert await bench.write(name, WORD) == SLVERR
                await bench.read(name)
    assert not bench.model.dropped
