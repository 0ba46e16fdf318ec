"""The C driver of ``sw/`` against an accelerator: compiled, and called from the simulation.

The firmware is ``driver_host.c``. Every access of its bus ends up here: the registers of the
accelerator are reached over AXI4-Lite, the FIFOs of ``sw/examples/mmio.h`` are played by this file
and hang on the streams. So what the driver does is seen on the pins, where the scoreboard judges it
as it judges the bench's own host.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.task import bridge, resume
from cocotb.triggers import ClockCycles
from numpy.typing import NDArray

from models import socket
from models.golden import golden
from models.places import ROOT
from models.program import Pass
from models.socket import ErrorCode, Phase
from tb.common.bfm.streams import StreamMonitor
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Expected, Job
from tb.common.uvm.registers import ADDRESS
from tb.common.uvm.sequences import send

FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
SOURCES = ("src/lac_driver.c", "examples/layer.c", "examples/mmio.c")
#: Where they are; ``tests/meta`` has spoilt copies elsewhere.
SW = Path(os.environ.get("LAC_SW") or ROOT / "sw")
HOST = Path(__file__).with_name("driver_host.c")
#: The address map of the simulated chip: registers of the accelerator, FIFOs by ``lac_stream``.
REGISTERS, *FIFOS = BASES = (0x4000_0000, 0x5000_0000, 0x5000_1000, 0x5000_2000)
WATCHDOG = 200  # cycles; the firmware takes at least five to look at STATUS: it has more patience
PATIENCE = 150
_NUM = len(socket.COUNTERS)
_LAST_PERF = f"PERF{_NUM - 1}"


class Status(IntEnum):
    """``enum lac_status`` of ``lac_driver.h``."""

    OK = 0
    FOREIGN = 1
    REFUSED = 2
    FAILED = 3
    SILENT = 4
    SHORT = 5
    STUCK = 6


class Fifo:
    """A FIFO of ``mmio.h``: words into the device (``launch`` is called with whole packets), or
    from it (``words`` are (data, last, user))."""

    def __init__(self, launch: Callable[[list[int], bool], None] | None = None):
        self.launch = launch
        self.words: deque[tuple[int, int, int]] = deque()
        self.low = self.last = 0
        self.stops_after: int | None = None  # words for which there is room
        self.packet: list[int] = []

    def read(self, register: int) -> int:
        if register == 0x0:
            if self.launch is not None:
                return int(self.stops_after is None or len(self.packet) < self.stops_after)
            if not self.words:
                return 0
            _, last, user = self.words[0]
            return 2 | 4 * last | 8 * user
        if register == 0x4:
            return self.words[0][0] & 0xFFFF_FFFF
        assert register == 0x8, f"read of {register:#x}"
        return self.words.popleft()[0] >> 32

    def write(self, register: int, value: int) -> None:
        if register == 0x4:
            self.low = value
        elif register == 0xC:
            self.last = value
        else:
            assert register == 0x8, f"write of {register:#x}"
            self.packet.append(value << 32 | self.low)
            stopped = self.stops_after == len(self.packet)
            if self.last or stopped:
                assert self.launch is not None, "nothing is written to this one"
                self.launch(self.packet, bool(self.last))
                # Of a packet that has stopped nothing more is taken.
                self.packet = self.packet if stopped else []
                self.last = 0


class Chip:
    """What the firmware runs on."""

    def __init__(self, test: SocketTest):
        self.env = env = test.env
        self.tasks: list[cocotb.task.Task] = []
        self.failed: BaseException | None = None
        self.own = [f"PERF{n}" for n in range(_NUM, len(env.registers.counter_names))]
        self.on_start: Callable[[], None] = lambda: None
        self.fifos = (
            Fifo(lambda words, last: self.launch(env.wgt, words, last)),
            Fifo(lambda words, last: self.launch(env.act, words, last)),
            Fifo(),
        )
        dut = test.cfg.dut
        self.seen = StreamMonitor(
            dut,
            "m_axis_out",
            dut.clk_i,
            reset_n=dut.rst_ni,
            callback=lambda b: self.fifos[2].words.append((b.data, int(b.last), int(b.user))),
        )
        self.code = self.compiled()

    def launch(self, agent: Any, words: list[int], last: bool) -> None:
        packet = np.array(words, dtype=np.uint64)
        self.tasks.append(cocotb.start_soon(send(agent.sequencer, packet, last)))

    def compiled(self) -> ctypes.CDLL:
        """The driver, its example and the firmware as a library of this process."""
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "host.so"
            command: list[str | Path]
            command = ["g++", *FLAGS, "-DMMIO_SIMULATED", "-shared", "-fPIC", "-O1"]
            command += [f"-I{SW / 'include'}", f"-I{SW / 'examples'}", "-o", library]
            for source in (*(SW / name for name in SOURCES), HOST):
                command += ["-xc", source]  # of each: g++ forgets it behind the first
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            code = ctypes.CDLL(str(library))
        word, address = ctypes.c_uint32, ctypes.c_size_t
        self._kept = (  # the library has only their addresses
            ctypes.CFUNCTYPE(word, address)(self.guarded(resume(self.read))),
            ctypes.CFUNCTYPE(None, address, word)(self.guarded(resume(self.write))),
        )
        for name, function in zip(("host_read", "host_write"), self._kept, strict=True):
            ctypes.c_void_p.in_dll(code, name).value = ctypes.cast(function, ctypes.c_void_p).value
        return code

    def guarded(self, access: Callable[..., Any]) -> Callable[..., int]:
        """An access whose exception is kept: it cannot go through C."""

        def call(*arguments: int) -> int:
            try:
                return access(*arguments) if self.failed is None else 0
            except BaseException as error:
                self.failed = error
                return 0

        return call

    async def call(self, function: Any, *arguments: Any) -> int:
        """Run a C function beside the simulation; raises what an access of it raised."""
        ended = await bridge(lambda: function(*arguments))()
        if self.failed is not None:
            raise self.failed
        return ended

    async def read(self, address: int) -> int:
        if address < FIFOS[0]:
            data, response = await self.env.registers._read(address - REGISTERS)
            assert response == 0, f"read {address:#x}: response {response}"
            # Counters of the design's own are no part of the report: their host reads them behind.
            for name in self.own if address - REGISTERS == ADDRESS[_LAST_PERF] else ():
                await self.env.registers.read(name)
            return data
        await ClockCycles(self.env.cfg.dut.clk_i, 1)
        return self.fifos[FIFOS.index(address & ~0xFFF)].read(address & 0xFFF)

    async def write(self, address: int, value: int) -> None:
        if address < FIFOS[0]:
            response = await self.env.registers._write(address - REGISTERS, value)
            if address - REGISTERS == ADDRESS["CTRL"] and value & socket.CTRL_START:
                self.on_start()
            assert response == 0, f"write {address:#x}: response {response}"
            return
        self.fifos[FIFOS.index(address & ~0xFFF)].write(address & 0xFFF, value)

    async def open(self, design: int) -> Status:
        """``lac_open``."""
        bases = (ctypes.c_size_t * len(BASES))(*BASES)
        return Status(await self.call(self.code.host_open, bases, PATIENCE, design, WATCHDOG))

    async def run(
        self, item: Pass, spoilt: bool = False
    ) -> tuple[Status, NDArray[np.uint64], list[int]]:
        """``lac_run``: (status, words of results, ERR_CODE, ERR_POS and counters)."""
        cfg = (ctypes.c_uint32 * socket.NUM_CFG)(
            *(item.cfg.get(index, 0) for index in range(socket.NUM_CFG))
        )
        told = (ctypes.c_uint32 * (2 + len(socket.COUNTERS)))()
        out = np.full(item.out_words, 0xDEAD_BEEF_DEAD_BEEF, dtype=np.uint64)
        arguments: list[Any] = [cfg]
        for words in (item.wgt, item.act, out):
            size = 0 if words is None else words.size
            address = None if words is None else words.ctypes.data
            arguments += [ctypes.c_void_p(address), ctypes.c_size_t(size)]
        ended = await self.call(self.code.host_run, *arguments, int(spoilt), told)
        self.env.settle()
        return Status(ended), out, list(told)


class DirectedDriver(SocketTest):
    """Goal: the C driver of ``sw/`` on the accelerator. Stimulus: its example runs a layer; a
    spoilt pass; one with fewer results than told; one whose weights stop in the middle; one whose
    results nobody takes; a good layer behind each. Check: statuses, error codes, counters and
    results that the C code tells; and on the pins the scoreboard judges its passes as it judges the
    bench's own."""

    async def scenario(self) -> None:
        self.cfg.stalls = False  # what a pass leaves behind is held through the next
        chip, design = Chip(self), self.cfg.design.number
        await self.env.registers.write("IRQ_EN", 0)
        assert await chip.open(design + 1) == Status.FOREIGN
        assert await chip.open(design) == Status.OK
        assert await self.env.registers.read("IRQ_EN") == 1
        assert await self.env.registers.read("WATCHDOG") == WATCHDOG
        await self.good(chip)
        await self.spoilt(chip)
        await self.short(chip)
        await self.stopped(chip)
        await self.held(chip)

    async def good(self, chip: Chip) -> None:
        """A layer must come out exact in the firmware's memory."""
        job = self.maker.good("driver")
        self.env.submit(job)
        packets = []
        for item in job.passes:
            status, out, told = await chip.run(item)
            assert (status, told[:2]) == (Status.OK, [0, 0]), (status, told)
            counters = list((await self.env.registers.counters()).values())
            assert told[2:] == counters[: len(socket.COUNTERS)]
            packets += [out] if item.out_words else []
        await self.env.judged()
        found = self.cfg.design.unpack(job.program, packets)
        for one, layer in zip(found, job.layers, strict=True):
            wanted = self.cfg.design.computed(layer, job.config)
            assert np.array_equal(one, golden(wanted, job.config.act_width))

    async def fails(
        self, chip: Chip, item: Pass, code: ErrorCode, position: int, spoilt: bool = False
    ) -> None:
        """A pass that ends in an error, and a good one behind it."""
        base = self.maker.good(code.name.lower())
        job = Job(base.layers, base.program, base.config, base.label)
        job.passes = (replace(item, cfg={**item.cfg, 0: 0}) if spoilt else item,)
        job.expected = Expected(0, code, position)
        self.env.submit(job)
        status, _, told = await chip.run(item, spoilt)
        assert (status, told[:2]) == (Status.FAILED, [code, position]), (status, told)
        await self.env.judged()

    async def spoilt(self, chip: Chip) -> None:
        """``layer_refused``: both packets are thrown away."""
        (item,) = self.maker.good("spoilt").passes
        await self.fails(chip, item, ErrorCode.GEOMETRY, 0, spoilt=True)
        await self.good(chip)

    async def short(self, chip: Chip) -> None:
        """A good pass of which the firmware expects a word more than comes."""
        job = self.maker.good("short")
        (item,) = job.passes
        self.env.submit(job)
        status, _, _ = await chip.run(replace(item, out_words=item.out_words + 1))
        assert status == Status.SHORT, status
        await self.env.judged()
        await self.good(chip)

    async def stopped(self, chip: Chip) -> None:
        """A weight packet that ends in the middle, which only ``forget`` gets rid of."""
        (item,) = self.maker.good("stopped").passes
        assert item.wgt is not None
        chip.fifos[0].stops_after = item.wgt.size // 2
        await self.fails(chip, item, ErrorCode.TIMEOUT, int(Phase.WGT))
        chip.fifos[0].stops_after, chip.fifos[0].packet = None, []
        self.env.wgt.monitor.flush()
        await self.good(chip)

    async def held(self, chip: Chip) -> None:
        """Results that nobody takes: what is left of them comes before those of the next pass."""
        (item,) = self.maker.good("held").passes
        self.env.set_pauses(out="block")
        await self.fails(chip, item, ErrorCode.TIMEOUT, int(Phase.OUTPUT))
        chip.on_start = lambda: self.env.set_pauses(out="none")
        await self.good(chip)


def driver_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    add_tests(base, module, DirectedDriver)
