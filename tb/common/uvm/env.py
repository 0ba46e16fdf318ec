"""The pyuvm environment of the socket, the same for every accelerator.

    wgt agent ──► s_axis_wgt ─┐            ┌─ m_axis_out ──► sink agent
    act agent ──► s_axis_act ─┤   device   ├─ irq_o
    reg agent ──► s_axil     ─┘            │
      │ monitors                           ▼ monitor
      └──► observer ──► (ObservedPass) ──► scoreboard, coverage
    job ──► predictor (golden, cycle model) ──► scoreboard ──► (Job) ──► coverage

A design adds: its configuration, counter identities, coverage and tests (``tb/<design>``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, ValueChange, with_timeout
from pyuvm import ConfigDB, uvm_analysis_port, uvm_component, uvm_env, uvm_subscriber

from models import socket
from tb.common.bfm.block import PERIOD_NS
from tb.common.sim import recorder
from tb.common.uvm.agents import RegAgent, SinkAgent, StreamAgent
from tb.common.uvm.items import Job, ObservedPass, Packet, RegAccess
from tb.common.uvm.register_sequence import registers_over
from tb.common.uvm.registers import ADDRESS, State, Taken
from tb.common.uvm.scoreboard import Predictor, Scoreboard

STREAMS = ("s_axis_wgt", "s_axis_act", "m_axis_out")
#: Cycles that a word takes under the slowest pause profile, on average and some more.
SLOWEST = 10


def no_identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """A design without identities of its own."""
    return []


def no_totals(job: Job, sums: Mapping[str, int]) -> list[str]:
    """A design without totals of its own."""
    return []


@dataclass
class SocketConfig:
    """What the components look up under the ConfigDB key ``cfg``.

    dut, design, config, parameters   the top's handle, the model package, its configuration, RTL
    rng            numpy generator of this test
    pauses         pause profile per stream (``tb.common.bfm.streams``)
    identities     (job, pass index, counters) -> list of violated identities
    cycles         (program, config) -> PassCycles per pass, equal to the RTL's; or None
    coverage       called with each ObservedPass and the config; None: no coverage
    totals         (job, sums of the counters over its passes) -> the same
    reg_delays     random gaps in the register accesses
    corrupt        applied to predictions; only the self-test of the scoreboard sets it
    watchdog       WATCHDOG register: what ends a hang in the device
    stalls         stall_output is held against the pins; not with a leftover of another pass there
    timeout        cycles the host waits for one interrupt, beside those of the words it sends: what
                   ends a hang of the watchdog
    """

    dut: Any
    design: Any
    config: Any
    parameters: Mapping[str, int]
    rng: np.random.Generator
    pauses: dict[str, Any]
    identities: Callable[[Job, int, Mapping[str, int]], list[str]] = no_identities
    totals: Callable[[Job, Mapping[str, int]], list[str]] = no_totals
    cycles: Callable[[Any, Any], list[Any]] | None = None
    reg_delays: bool = False
    coverage: Any = None
    corrupt: Callable[[list[np.ndarray]], list[np.ndarray]] = list
    watchdog: int = 20_000
    timeout: int = 60_000
    jobs_sent: int = field(default=0)
    stalls: bool = True


class _Tap(uvm_subscriber):
    """Analysis export that calls a function."""

    def __init__(self, name: str, parent: uvm_component, function: Callable[[Any], None]):
        super().__init__(name, parent)
        self._function = function

    def write(self, item: Any) -> None:
        """Something was published."""
        self._function(item)


class Observer(uvm_component):
    """Puts together what the monitors saw between START and acknowledge or reset."""

    def build_phase(self) -> None:
        self.ap = uvm_analysis_port("ap", self)
        self.cut_ap = uvm_analysis_port("cut_ap", self)  # runs that a reset cut off
        self.regs = _Tap("regs", self, self.access)
        self.streams = _Tap("streams", self, self.packet)
        self._names = {offset: name for name, offset in ADDRESS.items()}
        counters = ConfigDB().get(self, "", "cfg").design.counter_names
        self._perf = {f"PERF{index}": name for index, name in enumerate(counters)}
        self._cfg = [0] * socket.NUM_CFG
        self.started = 0
        self.held: Callable[[], int] = int  # cycles in which the result stream was held so far
        self.clear()

    def clear(self) -> None:
        """Forget a run that was cut off."""
        self._open = False
        self._packets: dict[str, np.ndarray] = {}
        self._counters: dict[str, int] = {}
        self._status: dict[str, int] = {}
        self._held = 0

    def reset(self) -> None:
        """The device was reset: so are its registers."""
        if self._open:
            self.cut_ap.write(replace(self._observed(), state=None))
        self.clear()
        self._cfg = [0] * socket.NUM_CFG

    def packet(self, packet: Packet) -> None:
        """A packet on any of the streams."""
        self._packets[packet.stream] = packet.words

    def access(self, access: RegAccess) -> None:
        """A register access."""
        name = self._names.get(access.address, "")
        if access.response:
            return
        if access.is_write:
            if name.startswith("CFG"):
                self._cfg[int(name[3:])] = access.data
            elif name == "CTRL":
                self._control(access.data)
        elif name in self._perf:
            self._counters[self._perf[name]] = access.data
        elif name in ("STATUS", "ERR_CODE", "ERR_POS"):
            self._status[name] = access.data

    def _control(self, data: int) -> None:
        if data & (socket.CTRL_IRQ_ACK | socket.CTRL_SOFT_RESET) and self._open:
            observed = self._observed()
            state = observed.state
            ended = state is not None and (state.done or state.error)
            (self.ap if ended else self.cut_ap).write(observed)
            self.clear()
        if data & socket.CTRL_START:
            # The packets may have begun before START, but they end after it.
            self.started += 1
            self._open = True
            self._held = self.held()

    def _observed(self) -> ObservedPass:
        status = self._status.get("STATUS", 0)
        state = State(
            busy=bool(status & socket.STATUS_BUSY),
            done=bool(status & socket.STATUS_DONE),
            error=bool(status & socket.STATUS_ERROR),
            dropped=bool(status & socket.STATUS_DROPPED),
            phase=socket.Phase(status >> 8 & 0xF),
            code=socket.ErrorCode(self._status.get("ERR_CODE", 0)),
            position=self._status.get("ERR_POS", 0),
        )
        return ObservedPass(
            cfg=tuple(self._cfg),
            wgt=self._packets.get("s_axis_wgt"),
            act=self._packets.get("s_axis_act"),
            out=self._packets.get("m_axis_out"),
            counters=dict(self._counters),
            state=state,
            held=self.held() - self._held,
        )


class CoverageSubscriber(uvm_subscriber):
    """Hands passes that were observed, and jobs that were right, to the design's coverage."""

    def build_phase(self) -> None:
        self.cfg = ConfigDB().get(self, "", "cfg")
        self.jobs = _Tap("jobs", self, self.write_job)

    def write(self, observed: ObservedPass) -> None:
        if self.cfg.coverage is not None:
            self.cfg.coverage.sample_pass(observed)

    def write_job(self, job: Job) -> None:
        """A job was judged good."""
        if self.cfg.coverage is not None:
            self.cfg.coverage.sample_job(job)

    def report_phase(self) -> None:
        if self.cfg.coverage is not None:
            self.cfg.coverage.save()


class SocketEnv(uvm_env):
    """Agents, observer, predictor, scoreboard, coverage; and what the sequences need of them."""

    def build_phase(self) -> None:
        self.cfg: SocketConfig = ConfigDB().get(self, "", "cfg")
        self.words = 0  # of the streams of the pass that runs
        self.reg = RegAgent("reg", self)
        self.wgt = StreamAgent("wgt", self, "s_axis_wgt")
        self.act = StreamAgent("act", self, "s_axis_act")
        self.out = SinkAgent("out", self, "m_axis_out")
        self.observer = Observer("observer", self)
        self.predictor = Predictor("predictor", self)
        self.scoreboard = Scoreboard("scoreboard", self)
        self.coverage = CoverageSubscriber("coverage", self)
        self.job_ap = uvm_analysis_port("job_ap", self)

    def connect_phase(self) -> None:
        self.reg.monitor.ap.connect(self.observer.regs.analysis_export)
        for agent in (self.wgt, self.act, self.out):
            agent.monitor.ap.connect(self.observer.streams.analysis_export)
        self.out.monitor.ap.connect(self.scoreboard.packets.analysis_export)
        self.observer.held = lambda: self.out.monitor.bus.stalled
        self.observer.ap.connect(self.scoreboard.observed.analysis_export)
        self.observer.ap.connect(self.coverage.analysis_export)
        self.observer.cut_ap.connect(self.coverage.analysis_export)
        self.job_ap.connect(self.predictor.analysis_export)
        self.predictor.ap.connect(self.scoreboard.predictions.analysis_export)
        self.scoreboard.ap.connect(self.coverage.jobs.analysis_export)
        self.registers = registers_over(self.reg.sequencer, self.cfg.design.counter_names)

    def submit(self, job: Job) -> None:
        """Tell predictor and scoreboard that a job is about to run."""
        self.cfg.jobs_sent += 1
        recorder.keep_job(job, self.cfg)
        self.job_ap.write(job)

    async def judged(self) -> None:
        """Let the scoreboard catch up, so that a test can look at what it summed up."""
        for _ in range(20):
            if self.scoreboard.jobs == self.cfg.jobs_sent:
                return
            await RisingEdge(self.cfg.dut.clk_i)
        raise AssertionError(f"{self.cfg.jobs_sent} jobs ran, {self.scoreboard.jobs} were judged")

    async def bring_up(self) -> None:
        """Reset with everything idle, then what is written once."""
        dut = self.cfg.dut
        dut.rst_ni.value = 0
        for agent in (self.wgt, self.act):
            agent.driver.give_up()
            agent.driver.settle()
        await ClockCycles(dut.clk_i, 4)
        for agent in (self.wgt, self.act, self.out):
            agent.monitor.flush()
        self.observer.reset()
        self.registers.forget()
        dut.rst_ni.value = 1
        await ClockCycles(dut.clk_i, 2)
        await self.registers.setup(self.cfg.watchdog)

    async def wait_irq(self, cycles: int) -> bool:
        """Wait for ``irq_o``; False on timeout.

        A value change wakes Python once; the clock edge after it puts us back in step, so no
        edge of anything but the clock is ever relied on.
        """
        dut = self.cfg.dut
        if not dut.irq_o.value:
            try:
                await with_timeout(ValueChange(dut.irq_o), cycles * PERIOD_NS, "ns")
            except SimTimeoutError:
                return False
            await RisingEdge(dut.clk_i)
        return bool(dut.irq_o.value)

    async def wait_done(self, where: str) -> State:
        """Wait for done or error and read it; a hang names the phase and the busy streams."""
        cycles = self.cfg.timeout + SLOWEST * self.words
        fired = await self.wait_irq(cycles)
        state = await self.registers.state()
        if not fired:
            raise AssertionError(
                f"{where}: no interrupt in {cycles} cycles; {state}; {self.streams()}"
            )
        return state

    def set_pauses(self, **profiles: str) -> None:
        """Pause profiles by agent: ``set_pauses(wgt="slow", out="none")``."""
        for name, profile in profiles.items():
            agent = getattr(self, name)
            stream = agent.stream
            self.cfg.pauses[stream] = profile
            (agent if agent is self.out else agent.driver).set_pause(profile)

    def streams(self) -> str:
        """Which stream waits for whom, for messages."""
        parts = []
        for name in STREAMS:
            valid = bool(getattr(self.cfg.dut, f"{name}_tvalid").value)
            ready = bool(getattr(self.cfg.dut, f"{name}_tready").value)
            who = {(True, False): "held by its receiver", (False, True): "waits for its source"}
            parts.append(f"{name} {who.get((valid, ready), 'moves' if valid else 'idle')}")
        return ", ".join(parts)

    async def joined(self, feed: cocotb.task.Task, where: str) -> None:
        """Wait until a packet is taken to its tlast."""
        try:
            await with_timeout(feed, self.cfg.timeout * PERIOD_NS, "ns")
        except SimTimeoutError:
            raise AssertionError(f"{where}: a packet was not taken; {self.streams()}") from None

    async def consumed(self, where: str) -> bool:
        """Every packet that was launched for the pass is counted in PACKETS, and nothing else.

        Returns whether a source stopped in the middle of one, which is to be forgotten then.
        """
        found = await self.registers.packets()
        for taken, agent in zip(found, (self.wgt, self.act), strict=True):
            driver = agent.driver
            want = Taken(driver.launched - driver.stopped, driver.stopped)
            if taken != want:
                raise AssertionError(
                    f"{where}: PACKETS of {agent.stream}: {taken}, expected {want}; "
                    f"{self.streams()}"
                )
        stopped = self.wgt.driver.stopped or self.act.driver.stopped
        self.settle()
        return stopped

    def settle(self) -> None:
        """What was launched up to now has been accounted for."""
        for agent in (self.wgt, self.act):
            agent.driver.settle()

    async def recover(self, feeds: list[cocotb.task.Task], where: str) -> None:
        """After an error: what was launched is thrown away, or taken back; then a soft reset."""
        for feed in feeds:
            await self.joined(feed, where)
        await self.reset_run(where, forget=await self.consumed(where))

    async def reset_run(self, where: str, forget: bool = False) -> None:
        """A soft reset, after which the device is idle."""
        await self.registers.soft_reset(forget)
        state = await self.registers.state()
        if state.busy or state.error or state.done:
            raise AssertionError(f"{where}: {state} after a soft reset; {self.streams()}")
        for agent in (self.wgt, self.act) if forget else ():
            agent.monitor.flush()
        await self.close_results(where)

    async def close_results(self, where: str) -> None:
        """What a run that is over has begun to send comes to its end, and does not count."""
        dut = self.cfg.dut
        for _ in range(self.cfg.timeout):
            if not dut.m_axis_out_tvalid.value and not self.out.monitor.words:
                self.scoreboard.drop_packets()
                return
            await RisingEdge(dut.clk_i)
        raise AssertionError(f"{where}: a result packet has no end; {self.streams()}")

    async def take_back(self, where: str) -> None:
        """After a soft reset of a run that was no error: a packet that has begun is taken to its
        end, one that has not is withdrawn."""
        for _ in range(self.cfg.timeout):
            if not any(taken.middle for taken in await self.registers.packets()):
                break
        else:
            raise AssertionError(f"{where}: a packet was not taken; {self.streams()}")
        for agent in (self.wgt, self.act):
            agent.driver.give_up()
        self.settle()
