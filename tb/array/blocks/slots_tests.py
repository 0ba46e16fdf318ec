"""lac_array_slots: filled and useful slots against non-zero operands, counted directly."""

from __future__ import annotations

import numpy as np
from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import Tile, TimeLine, make_tiles, put_tiles
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, rng
from tb.common.bfm.block_parts import EdgeMonitor

ROWS, COLS = config().get("Rows", 16), config().get("Cols", 16)
WIDTHS = (config().get("ActWidth", 16), config().get("WgtWidth", 16))
FEEDS, CHOICES = config().get("NumFeeds", 1), config().get("GroupM", 1)
INPUTS = {"row": "wgt_row_i", "col": "wgt_col_i", "wgt": "wgt_i", "waits": "waits_i"}
INPUTS |= {"switch": "switch_i", "valid": "valid_i", "act": "act_i"}


def made(counts: list[int], slack: int = 0, scatter: int = 0) -> list[Tile]:
    """Tiles for this build."""
    return make_tiles(rng(), ROWS, COLS, WIDTHS, counts, slack, scatter, CHOICES)


async def count(dut, tiles: list[Tile], scatter: bool = False) -> tuple[int, int, int]:
    """(filled, useful, waiting) over all tiles as the module counts; compared with the truth."""
    line = TimeLine()
    put_tiles(line, tiles, *WIDTHS, FEEDS, scatter)
    renamed = TimeLine()
    for cycle, at in line.at.items():
        renamed.at[cycle] = {INPUTS[name]: value for name, value in at.items()}
    totals = [0, 0, 0]

    def sample(seen: EdgeMonitor) -> None:
        totals[0] += seen["filled_o"]
        totals[2] += seen["waiting_o"]
        totals[1] += seen["useful_o"]
        assert seen["useful_o"] <= seen["filled_o"], "more useful slots than filled ones"

    pins = Pins(dut, dut.clk_i, *INPUTS.values())
    for _ in range(3):  # no register is reset
        await RisingEdge(dut.clk_i)
    monitor = EdgeMonitor(dut, ["filled_o", "useful_o", "waiting_o"], sample)
    await renamed.play(pins, tuple(INPUTS.values()), 5)
    monitor.kill()
    filled = sum(tile.pixels.shape[0] for tile in tiles) * ROWS * COLS
    useful = sum(int(((t.taken != 0) & (t.weights != 0)).sum()) for t in tiles)
    waiting = sum(tile.waits for tile in tiles) * ROWS * COLS
    expected = (filled, useful, waiting)
    assert tuple(totals) == expected, f"{totals}, expected {expected}"
    return expected


@leaf_test
async def smoke(dut):
    """Goal: one tile. Stimulus: 5 pixels, some operands zero. Check: both counts."""
    await bring_up(dut)
    filled, useful, _ = await count(dut, made([5]))
    assert 0 < useful < filled


@leaf_test
async def extremes(dut):
    """Goal: all and nothing. Stimulus: no operand zero; all weights, all activations zero; only the
    sign bit set. Check: both counts."""
    await bring_up(dut)
    (tile,) = made([4])
    ones, none = np.ones_like(tile.weights), np.zeros_like(tile.weights)
    low = [
        np.full_like(x, -(1 << (w - 1))) for x, w in zip((tile.pixels, ones), WIDTHS, strict=True)
    ]
    for weights, pixels, share in (
        (ones, np.ones_like(tile.pixels), 1),
        (none, np.ones_like(tile.pixels), 0),
        (ones, np.zeros_like(tile.pixels), 0),
        (low[1], low[0], 1),
    ):
        filled, useful, _ = await count(dut, [Tile(2, weights, pixels, tile.places)])
        assert useful == share * filled


@leaf_test
async def directed_scatter(dut):
    """Goal: weights that come in pieces are added up. Stimulus: 6 tiles, zeros into all rows of a
    bus at once, then their non-zeros in two pieces; rows wait between tiles. Check: all totals."""
    await bring_up(dut)
    tiles = made([3] * 6, 5, ROWS // FEEDS)
    _, useful, waiting = await count(dut, tiles, True)
    assert useful and waiting


@for_profiles(globals(), ("none", "random"))
async def random(dut, profile):
    """Goal: counts switch with the weights. Stimulus: 10 tiles, with gaps or without. Check: all
    totals."""
    await bring_up(dut)
    counts = rng().integers(1, 12, 10).tolist()
    await count(dut, made(counts, 7 * (profile != "none")))
