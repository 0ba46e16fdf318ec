"""The two rules of lac_sram are asserted: one port does one thing, two ports never meet."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tb.common.sim import simulators
from tb.common.sim.runner import find, run

BOTH = """
from cocotb.triggers import ClockCycles

from tb.common.bfm.block import Pins, bring_up, leaf_test


@leaf_test
async def both(dut):
    await bring_up(dut)
    pins = Pins(dut, dut.clk_i, "rd_en_i", "wr_en_i", "rd_addr_i", "wr_addr_i")
    pins.drive(rd_en_i=1, wr_en_i=1, rd_addr_i=3, wr_addr_i={write})
    await ClockCycles(dut.clk_i, 3)
"""


@pytest.mark.parametrize(
    ("config", "write", "message"),
    [
        ("default", 4, "read and written in one cycle"),
        ("two_ports", 3, "an address is read and written in one cycle"),
        ("two_ports", 4, None),
    ],
)
def test_rule_is_asserted(config: str, write: int, message: str | None, tmp_path: Path) -> None:
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    (tmp_path / f"both{write}_tests.py").write_text(BOTH.format(write=write))
    sram = find("sram")
    bench = dataclasses.replace(
        sram,
        name="sram-both",
        module=f"both{write}_tests",
        tests=("both",),
        configs={config: sram.configs[config]},
        slow=(),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        result = run(bench, config, "verilator")
    if message is None:
        assert result.passed, result.report()
    else:
        assert any(message in failure for failure in result.failures), result.report()
