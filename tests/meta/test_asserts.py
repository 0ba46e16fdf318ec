"""The assertion macros must fire, and must not when nothing is wrong."""

from __future__ import annotations

import dataclasses

import pytest

from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tb.common.sim.runner import find, run

TOY = Bench(
    name="assert-toy",
    top="assert_toy",
    module="tests.meta.assert_toy",
    tests=("good", "not_ok", "valid_falls", "data_changes"),
    sources=("tests/meta/assert_toy.sv",),
)


def needs(simulator: str) -> None:
    if why := simulators.missing(simulator):
        pytest.skip(why)


def test_kept_rules_are_silent():
    needs("verilator")
    run(TOY, simulator="verilator", tests="good").check()


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("not_ok", "ok fell"),
        ("valid_falls", "valid_i fell before it was accepted"),
        ("data_changes", "data_i changed before it was accepted"),
    ],
)
def test_broken_rule_is_named(broken, message):
    needs("verilator")
    result = run(TOY, simulator="verilator", tests=broken)
    assert not result.passed
    assert any(f.startswith("RTL:") and message in f for f in result.failures), result.report()


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_bad_parameter_is_fatal(simulator):
    """LAC_PARAM is the one macro that must bite on both simulators, also with -Wno-fatal."""
    needs(simulator)
    result = run(find("requant"), {"AccWidth": 16, "OutWidth": 16}, simulator, tests="smoke")
    assert not result.passed
    message = "lac_requant: OutWidth=16, must be 2..15"
    assert any(message in failure for failure in result.failures), result.report()


def test_out_of_range_address_is_noticed(tmp_path):
    """lac_sram asserts its addresses where a width holds more than there are words."""
    needs("verilator")
    module = tmp_path / "far_tests.py"
    module.write_text(
        "from tb.common.bfm.block import Pins, bring_up, leaf_test\n"
        "from cocotb.triggers import ClockCycles\n\n\n"
        "@leaf_test\n"
        "async def far(dut):\n"
        "    await bring_up(dut)\n"
        "    Pins(dut, dut.clk_i, 'rd_en_i', 'rd_addr_i').drive(rd_en_i=1, rd_addr_i=300)\n"
        "    await ClockCycles(dut.clk_i, 3)\n"
    )
    bench = dataclasses.replace(
        find("sram"), name="sram-far", module="far_tests", tests=("far",), configs=SRAM_ODD
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        result = run(bench, "odd", "verilator")
    assert any("read past the end" in failure for failure in result.failures), result.report()


SRAM_ODD = {"odd": dict(find("sram").configs["odd"])}
