"""Agents of the socket: registers, the two input streams, the result stream.

Pins are touched by the bus drivers and monitors of ``tb.common.bfm.streams`` and
``tb.common.bfm.axil`` alone; what is here turns them into pyuvm components whose items are packets
and accesses.
"""

from __future__ import annotations

import numpy as np
from cocotb.triggers import Event
from cocotb.utils import get_sim_time
from pyuvm import (
    ConfigDB,
    uvm_agent,
    uvm_analysis_port,
    uvm_component,
    uvm_driver,
    uvm_sequencer,
)

from tb.common.bfm.axil import AxiLiteAccess, AxiLiteMaster, AxiLiteMonitor
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink
from tb.common.uvm.items import Packet, PacketItem, RegAccess, RegItem


class PacketDriver(uvm_driver):
    """Packets to beats; one packet at a time, can be told to give the current one up.

    ``launched`` counts the packets since ``settle``; ``stopped``: the last of them has no tlast.
    """

    def __init__(self, name: str, parent: uvm_component, stream: str):
        super().__init__(name, parent)
        self.stream = stream
        self._taken: Event | None = None
        self.settle()

    def build_phase(self) -> None:
        cfg = ConfigDB().get(self, "", "cfg")
        self.bus = StreamDriver(cfg.dut, self.stream, cfg.dut.clk_i, pause=cfg.pauses[self.stream])

    @property
    def busy(self) -> bool:
        """A packet is being sent."""
        return self._taken is not None

    def set_pause(self, profile: str) -> None:
        """Change the pause profile from the next beat on."""
        self.bus.set_pause(profile)

    def settle(self) -> None:
        """What was launched has been accounted for; a packet that is being sent still is one."""
        self.launched, self.stopped = 0, False

    def give_up(self) -> None:
        """Drop the packet in flight: with the device in reset, or before a word was offered."""
        if self._taken is not None:
            self.bus.abort()
            self._taken.set()

    async def run_phase(self) -> None:
        while True:
            item: PacketItem = await self.seq_item_port.get_next_item()
            self.launched += not item.continues
            self.stopped = not item.last
            self._taken = Event()
            *body, last = item.words.tolist()
            self.bus.extend((word, 0) for word in body)
            self.bus.append((last, int(item.last)), event=self._taken)
            await self._taken.wait()
            self._taken = None
            self.seq_item_port.item_done()


class PacketMonitor(uvm_component):
    """Beats to packets; published when tlast was taken. Packets that the device has aborted are
    only counted (``aborted``)."""

    def __init__(self, name: str, parent: uvm_component, stream: str):
        super().__init__(name, parent)
        self.stream = stream

    def build_phase(self) -> None:
        dut = ConfigDB().get(self, "", "cfg").dut
        self.ap = uvm_analysis_port("ap", self)
        self.words: list[int] = []
        self.ns: list[float] = []
        self.aborted = 0
        self.bus = StreamMonitor(
            dut, self.stream, dut.clk_i, reset_n=dut.rst_ni, callback=self.seen
        )

    def seen(self, beat) -> None:
        """A word went over the stream."""
        self.words.append(beat.data)
        self.ns.append(get_sim_time("ns"))
        if getattr(beat, "user", 0):
            assert beat.last, f"{self.stream}: tuser without tlast"
            self.aborted += 1
            self.flush()
        elif beat.last:
            words = np.array(self.words, dtype=np.uint64)
            self.ap.write(Packet(self.stream, words, tuple(self.ns)))
            self.flush()

    def flush(self) -> None:
        """Forget a packet that was cut off by a reset."""
        self.words.clear()
        self.ns.clear()


class StreamAgent(uvm_agent):
    """Drives and watches one input stream."""

    def __init__(self, name: str, parent: uvm_component, stream: str):
        super().__init__(name, parent)
        self.stream = stream

    def build_phase(self) -> None:
        self.sequencer = uvm_sequencer("sequencer", self)
        self.driver = PacketDriver("driver", self, self.stream)
        self.monitor = PacketMonitor("monitor", self, self.stream)

    def connect_phase(self) -> None:
        self.driver.seq_item_port.connect(self.sequencer.seq_item_export)


class SinkAgent(uvm_agent):
    """Holds back and watches the result stream."""

    def __init__(self, name: str, parent: uvm_component, stream: str):
        super().__init__(name, parent)
        self.stream = stream

    def build_phase(self) -> None:
        cfg = ConfigDB().get(self, "", "cfg")
        self.sink = StreamSink(cfg.dut, self.stream, cfg.dut.clk_i, pause=cfg.pauses[self.stream])
        self.monitor = PacketMonitor("monitor", self, self.stream)

    def set_pause(self, profile: str) -> None:
        """Change how the stream is held back."""
        self.sink.set_pause(profile)


class RegDriver(uvm_driver):
    """Register items to AXI4-Lite."""

    def build_phase(self) -> None:
        cfg = ConfigDB().get(self, "", "cfg")
        self.bus = AxiLiteMaster(cfg.dut, "s_axil", cfg.dut.clk_i, delays=cfg.reg_delays)

    async def run_phase(self) -> None:
        while True:
            item: RegItem = await self.seq_item_port.get_next_item()
            if item.data is not None and item.is_write:
                item.response = await self.bus.write(item.address, item.data)
            else:
                item.data, item.response = await self.bus.read(item.address)
            self.seq_item_port.item_done()


class RegMonitor(uvm_component):
    """Publishes every register access when its response was taken."""

    def build_phase(self) -> None:
        dut = ConfigDB().get(self, "", "cfg").dut
        self.ap = uvm_analysis_port("ap", self)
        self.bus = AxiLiteMonitor(dut, "s_axil", dut.clk_i, reset_n=dut.rst_ni, callback=self.seen)

    def seen(self, access: AxiLiteAccess) -> None:
        """An access is complete."""
        self.ap.write(RegAccess(access.write, access.address, access.data, access.response))


class RegAgent(uvm_agent):
    """Drives and watches the register port."""

    def build_phase(self) -> None:
        self.sequencer = uvm_sequencer("sequencer", self)
        self.driver = RegDriver("driver", self)
        self.monitor = RegMonitor("monitor", self)

    def connect_phase(self) -> None:
        self.driver.seq_item_port.connect(self.sequencer.seq_item_export)
