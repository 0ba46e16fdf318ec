"""Base of the pyuvm tests of an accelerator: configuration, environment, clock, timeout."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from pyuvm import ConfigDB, uvm_root, uvm_test

from tb.common.bfm.block import power_on, start_clock, zero_inputs
from tb.common.stimulus import Stimulus
from tb.common.uvm.env import SocketConfig, SocketEnv
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import useful_multiplies
from tb.common.uvm.sequences import RunJob

Identities = Callable[[Job, int, Mapping[str, int]], list[str]]


def snake(name: str) -> str:
    """``NumPe`` -> ``num_pe``: name of an RTL parameter in a model's configuration."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


class SocketTest(uvm_test):
    """A test of one accelerator. Subclasses say what design, and override ``scenario``.

    Class attributes: ``pauses`` profile per stream; ``reg_delays`` random gaps on the register
    port; ``watchdog``, ``timeout``: cycles, see ``SocketConfig``; ``limit_us``: simulated time, of
    tests that ``add_tests`` registers.

    A design says ``maker_class``, what makes its jobs, ``coverage_class``, and ``identities``: what
    must hold between the counters of any pass, as a list of what does not.
    """

    pauses: ClassVar[dict[str, str]] = {}
    reg_delays: ClassVar[bool] = False
    watchdog: ClassVar[int] = 20_000
    timeout: ClassVar[int] = 60_000
    limit_us: ClassVar[float] = 2000.0
    maker_class: ClassVar[type[Stimulus]]
    maker: Any  # of ``maker_class``: a design's tests know what it can make
    coverage_class: ClassVar[type]
    identities: ClassVar[Any]

    def customise(self, cfg: SocketConfig) -> None:
        """The design's part of the configuration: what is checked and sampled, and the maker."""
        cfg.identities, cfg.cycles = type(self).identities, cfg.design.cycles
        cfg.totals, cfg.coverage = useful_multiplies, self.coverage(cfg)
        self.maker = self.maker_class(cfg.rng, cfg.config)

    def coverage(self, cfg: SocketConfig) -> Any:
        """Functional coverage of the simulation."""
        return self.coverage_class(cfg.config, cfg.pauses, snake(type(self).__name__))

    async def scenario(self) -> None:
        """What the test does."""
        raise NotImplementedError

    def build_phase(self) -> None:
        parameters = json.loads(os.environ.get("LAC_CONFIG", "{}"))
        design = self.maker_class.design
        config = design.config(**{snake(name): value for name, value in parameters.items()})
        profiles = {"s_axis_wgt": "none", "s_axis_act": "none", "m_axis_out": "none"}
        self.cfg = SocketConfig(
            dut=cocotb.top,
            design=design,
            config=config,
            parameters=parameters,
            rng=np.random.default_rng(cocotb.RANDOM_SEED),
            pauses=profiles | self.pauses,
            watchdog=self.watchdog,
            timeout=self.timeout,
            reg_delays=self.reg_delays,
        )
        self.customise(self.cfg)
        ConfigDB().set(None, "*", "cfg", self.cfg)
        self.env = SocketEnv("env", self)

    async def run_phase(self) -> None:
        self.raise_objection()
        await power_on(self.cfg.dut)
        start_clock(self.cfg.dut.clk_i)
        await self.env.bring_up()
        await self.scenario()
        # The last pass is judged in the monitors' wake; give it a few cycles.
        await ClockCycles(self.cfg.dut.clk_i, 10)
        self.drop_objection()

    async def run_job(self, job: Job) -> RunJob:
        """Run one job to its end; returns the sequence with the final state of each pass."""
        sequence = RunJob(self.env, job)
        await sequence.start()
        await self.env.judged()
        return sequence

    async def run_good(self) -> None:
        """The next good layer must be exact."""
        await self.run_job(self.maker.good(f"good_after_{snake(type(self).__name__)}"))


#: (test module, name of the test) -> its class
REGISTERED: dict[tuple[str, str], type[SocketTest]] = {}


def socket_test(timeout_us: float = 2000.0):
    """Register a test class with cocotb under its name in lower snake case.

    ``RandomBursty`` is the test ``random_bursty``. The timeout is simulated time: it ends what
    neither the watchdog nor the host's own limits end.
    """

    def register(cls: type[SocketTest]) -> type[SocketTest]:
        name = snake(cls.__name__)
        REGISTERED[cls.__module__, name] = cls

        @cocotb.test(name=name, timeout_time=timeout_us, timeout_unit="us")
        @functools.wraps(cls)
        async def run(dut) -> None:
            zero_inputs(dut)  # before anything is awaited, and pyuvm does so early
            await uvm_root().run_test(cls)

        # cocotb finds tests among the attributes of the test module.
        setattr(sys.modules[cls.__module__], f"_{name}", run)
        return cls

    return register


def add_tests(base: type[SocketTest], module: str, *shared: type[SocketTest]) -> None:
    """Register tests that designs share, on the base of one design, in its test module."""
    for test in shared:
        content = {"__doc__": test.__doc__, "__module__": module}
        socket_test(test.limit_us)(type(test.__name__, (test, base), content))
