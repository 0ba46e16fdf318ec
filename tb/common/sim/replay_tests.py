"""A saved job of a top level, on its own: exactly its packets and registers on a fresh device.

Environment: ``LAC_CASE`` the case, ``LAC_CASE_MODULE`` the test module that it came from. The test
is of the class of the failing one, so with its settings, checks and cycle model; only its scenario
is another.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import fields, replace
from typing import Any

import cocotb
from pyuvm import uvm_root

from models.case import Case
from models.socket import ErrorCode
from tb.common.bfm.block import zero_inputs
from tb.common.uvm.base_test import REGISTERED, SocketTest
from tb.common.uvm.items import Expected, Job


def job_of(case: Case, design: Any, config: Any) -> Job:
    """The job of a case; ``config``: the build's configuration, of the type the case has."""
    known = {one.name for one in fields(config)}
    saved = case.meta["design_config"]
    config = replace(config, **{name: value for name, value in saved.items() if name in known})
    layers, passes = case.layers, case.passes
    made = (
        design.compile(layers[0], config)
        if len(layers) == 1
        else design.compile_network(layers, config)
    )
    error = case.meta.get("error")
    expected = Expected(error[0], ErrorCode(error[1]), error[2]) if error else None
    return Job(tuple(layers), made, config, case.meta["label"], passes, expected)


def replayed(case: Case, base: type[SocketTest]) -> type[SocketTest]:
    """The failing test's class with a scenario of one job."""

    async def scenario(self: SocketTest) -> None:
        profiles = case.meta["pauses"]
        agents = {"s_axis_wgt": "wgt", "s_axis_act": "act", "m_axis_out": "out"}
        self.env.set_pauses(**{agents[s]: p for s, p in profiles.items() if s in agents})
        await self.run_job(job_of(case, self.cfg.design, self.cfg.config))

    return type(base.__name__, (base,), {"scenario": scenario, "__module__": __name__})


@cocotb.test(timeout_time=100_000, timeout_unit="us")
async def replay(dut: Any) -> None:
    """Goal: the failure of a case. Stimulus: its job. Check: those of the test that failed."""
    zero_inputs(dut)
    case = Case.load(os.environ["LAC_CASE"])
    module = os.environ["LAC_CASE_MODULE"]
    importlib.import_module(module)
    # Pauses and gaps are drawn from the seed of the test.
    cocotb.RANDOM_SEED = case.meta["test_seed"]
    await uvm_root().run_test(replayed(case, REGISTERED[module, case.meta["test"]]))
