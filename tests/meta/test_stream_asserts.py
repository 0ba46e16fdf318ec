"""What the stream blocks assert: each rule broken once, and named; Verilator only.

The bench of the blocks keeps the rules of their inputs, and its model notices a wrong output before
an assertion may; so here a few pins are driven by hand.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from models.places import ROOT, build_root
from tb.common.sim import simulators
from tb.common.sim.runner import RunResult, find, run

BODY = """\
from cocotb.triggers import ClockCycles

from tb.common.bfm.block import Pins, bring_up, leaf_test


@leaf_test
async def by_hand(dut):
    await bring_up(dut)
    steps = {steps!r}
    pins = Pins(dut, dut.clk_i, *steps[0])
    for step in steps:
        pins.drive(**step)
        await ClockCycles(dut.clk_i, 1)
    await ClockCycles(dut.clk_i, 8)
"""


def by_hand(
    name: str, steps: list[dict[str, int]], folder: Path, monkeypatch, *sources: Path
) -> RunResult:
    """A block of the first configuration, its pins driven step by step."""
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    module = f"by_hand_{name}_{len(steps)}_{len(sources)}"
    (folder / f"{module}.py").write_text(BODY.format(steps=steps))
    monkeypatch.syspath_prepend(str(folder))
    bench = find(name)
    bench = dataclasses.replace(
        bench,
        module=module,
        tests=("by_hand",),
        sources=(*bench.sources, *map(str, sources)),
    )
    return run(bench, next(iter(bench.configs)), "verilator", cases=False)


GOOD, BAD = {"in_valid_i": 1, "in_dest_i": 2}, {"in_valid_i": 1, "in_dest_i": 3}


@pytest.mark.parametrize(
    ("name", "steps", "message"),
    [
        ("credit", [{"return_i": 1}], "a credit is returned that was never used"),
        ("xbar", [BAD], "a beat for an output that is not there"),
        ("fork", [{"in_valid_i": 1}, {"in_valid_i": 0}], "in_valid_i fell before it was accepted"),
        ("arb", [{"req_i": 4}, {"req_i": 1}], "req_i[i] fell before it was accepted"),
        ("xbar", [GOOD | {"out_ready_i": 7}], None),
    ],
)
def test_broken_rule_is_named(name, steps, message, tmp_path, monkeypatch):
    result = by_hand(name, steps, tmp_path, monkeypatch)
    assert result.passed == (message is None), result.report()
    if message:
        assert any(message in failure for failure in result.failures), result.report()


def test_unfair_arbiter_is_named(tmp_path, monkeypatch):
    """An arbiter whose turn never ends, everybody requesting: the assertion, not the model."""
    text = (ROOT / "rtl" / "common" / "lac_arb.sv").read_text(encoding="utf-8")
    turn = "out_ready_i ? from_grant & ~out_grant_o : from_grant"
    assert text.count(turn) == 1
    path = build_root() / "mutants" / "arb-no-turn" / "lac_arb.sv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(turn, "from_grant"), encoding="utf-8")
    steps = [{"req_i": 31, "out_ready_i": 1}]
    result = by_hand("arb", steps, tmp_path, monkeypatch, path)
    message = "a request waits for a second round"
    assert any(message in failure for failure in result.failures), result.report()
