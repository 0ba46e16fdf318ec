"""Tiny designs and cocotb tests, written to a folder: what the runner is tried on."""

from __future__ import annotations

from pathlib import Path

from tb.common.sim.runner import Bench

COUNTER = """\
`include "toy_step.svh"
module toy #(parameter int Width = 4) (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic [Width-1:0] count_o
);
  logic [Width-1:0] count_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else count_q <= count_q + Width'(`TOY_STEP);
  end
  assign count_o = count_q;
`ifdef TOY_ERROR
  always @(posedge clk_i) if (count_q == 3) $error("the count is three");
`endif
endmodule
"""

STEP = "`define TOY_STEP 1\n"

PASSING = '''\
"""One passing test, one that is filtered by name, one with parameters."""
import json
import os
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles


async def start(dut):
    dut.clk_i.value = 0
    dut.rst_ni.value = 0
    Clock(dut.clk_i, 10, unit="ns").start()
    await ClockCycles(dut.clk_i, 2)
    dut.rst_ni.value = 1


@cocotb.test(timeout_time=1, timeout_unit="us")
async def counts(dut):
    await start(dut)
    await ClockCycles(dut.clk_i, 6)
    assert dut.count_o.value.to_unsigned() == 5
    seen = {name: os.environ[name] for name in ("LAC_SEED", "LAC_BENCH", "LAC_SIM")}
    seen |= {"config": json.loads(os.environ["LAC_CONFIG"]), "seed": cocotb.RANDOM_SEED}
    (Path(os.environ["LAC_OUT"]) / "seen.json").write_text(json.dumps(seen))


@cocotb.test(timeout_time=1, timeout_unit="us")
@cocotb.parametrize(cycles=[2, 3])
async def waits(dut, cycles):
    await start(dut)
    await ClockCycles(dut.clk_i, cycles)
'''

FAILING = """\
import cocotb


@cocotb.test()
async def fails(dut):
    left, right = 1, 2
    assert left == right, "one is not two"
"""

EMPTY = "import cocotb\n"

IMPORT_ERROR = "import no_such_module_anywhere\n"

HANGING = """\
import cocotb


@cocotb.test()
async def hangs(dut):
    while True:
        pass
"""

MODULES = {
    "toy_passing": PASSING,
    "toy_failing": FAILING,
    "toy_empty": EMPTY,
    "toy_import_error": IMPORT_ERROR,
    "toy_hanging": HANGING,
}


def write(folder: Path) -> Path:
    """Write all of it; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.sv").write_text(COUNTER)
    (folder / "toy_step.svh").write_text(STEP)
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def bench(folder: Path, module: str = "toy_passing", **changes: object) -> Bench:
    """A bench on the counter; ``changes`` are fields of Bench."""
    settings: dict = {
        "name": "toy",
        "top": "toy",
        "module": module,
        "tests": ("counts", "waits"),
        "sources": (str(folder / "toy.sv"),),
        "configs": {"default": {"Width": 4}, "wide": {"Width": 8}},
    }
    return Bench(**(settings | changes))
