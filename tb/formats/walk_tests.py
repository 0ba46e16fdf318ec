"""lac_fmt_walk against divmod of the flat index."""

from __future__ import annotations

from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs
from tb.formats.layout import bits

ROWS = config().get("Rows", 16)
COLS = config().get("Cols", 16)
MAX_STEP = config().get("MaxStep", 8)


class WalkBench:
    """Inputs, outputs, comparison; ``seen`` has by how many rows was walked."""

    def __init__(self, dut):
        zero_inputs(dut)
        self.pins = Pins(dut, None, "row_i", "col_i", "step_i", "row_o", "col_o")
        self.seen: set[int] = set()

    async def check(self, row: int, col: int, step: int) -> None:
        """One element and one distance."""
        await self.pins.settle(row_i=row, col_i=col, step_i=step)
        further, column = divmod(row * COLS + col + step, COLS)
        want = [further % (1 << bits(ROWS)), column]
        got = self.pins.read("row_o", "col_o")
        assert got == want, f"row {row}, col {col}, step {step}: {got}, expected {want}"
        self.seen.add(further - row)


@leaf_test
async def smoke(dut):
    """Goal: stay, next element, next row. Stimulus: no step, a step of 1 and the longest from the
    first and the last element of every row. Check: coordinates."""
    bench = WalkBench(dut)
    for row in range(ROWS):
        for col in (0, COLS - 1):
            for step in (0, 1, MAX_STEP):
                await bench.check(row, col, step)


@leaf_test
async def extremes(dut):
    """Goal: each step from each column. Stimulus: all of them, from the first and the last row.
    Check: coordinates, rows past the tile wrap; every number of rows was walked."""
    bench = WalkBench(dut)
    for row in (0, ROWS - 1):
        for col in range(COLS):
            for step in range(MAX_STEP + 1):
                await bench.check(row, col, step)
    assert bench.seen == set(range((COLS - 1 + MAX_STEP) // COLS + 1))


@leaf_test
async def random_none(dut):
    """Goal: walks through the tile. Stimulus: 300 random steps, each from where the last led.
    Check: coordinates."""
    bench, draw = WalkBench(dut), rng()
    row = col = 0
    for _ in range(300):
        step = int(draw.integers(MAX_STEP + 1))
        await bench.check(row, col, step)
        row, col = divmod((row * COLS + col + step) % (ROWS * COLS), COLS)
