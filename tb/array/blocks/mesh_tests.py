"""lac_array_mesh (PEs and columns inside): every sum against weights times activations."""

from __future__ import annotations

from cocotb.triggers import RisingEdge

from tb.array.blocks.schedule import Tile, TimeLine, make_tiles, put_tiles, signed
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle

ROWS, COLS = config().get("Rows", 16), config().get("Cols", 16)
WIDTHS = (config().get("ActWidth", 16), config().get("WgtWidth", 16))
PSUM = sum(WIDTHS) + (ROWS - 1).bit_length()
FEEDS, CHOICES = config().get("NumFeeds", 1), config().get("GroupM", 1)
INPUTS = {"row": "wgt_row_i", "col": "wgt_col_i", "wgt": "wgt_i"}
INPUTS |= {"switch": "switch_i", "act": "act_i"}


def made(counts: list[int], slack: int = 0, scatter: int = 0) -> list[Tile]:
    """Tiles for this build."""
    return make_tiles(rng(), ROWS, COLS, WIDTHS, counts, slack, scatter, CHOICES)


async def stream(dut, tiles: list[Tile], scatter: bool = False) -> None:
    """Play tiles and compare column j of pixel n in cycle start + n + ROWS + 1 + j."""
    line = TimeLine()
    put_tiles(line, tiles, *WIDTHS, FEEDS, scatter)
    want: dict[int, dict[int, int]] = {}
    for tile in tiles:
        for n, sums in enumerate(tile.sums):
            for j, value in enumerate(sums):
                want.setdefault(tile.start + n + ROWS + 1 + j, {})[j] = int(value)
    check = Checker("sums")
    check.expect(*((c, j, v) for c in sorted(want) for j, v in sorted(want[c].items())))
    await RisingEdge(dut.clk_i)
    zero = cycle() + 1  # what is driven from now on is seen at the next edge

    def sample(seen: EdgeMonitor) -> None:
        now = cycle() - zero
        bits = str(dut.psum_o.value)  # other columns may not be known yet
        for j in sorted(want.get(now, {})):
            column = bits[len(bits) - (j + 1) * PSUM : len(bits) - j * PSUM]
            seen.report((now, j, signed(int(column, 2), PSUM)))

    pins = Pins(dut, dut.clk_i, *INPUTS.values())
    renamed = TimeLine()
    renamed.at.update(
        {c: {INPUTS[n]: v for n, v in at.items() if n in INPUTS} for c, at in line.at.items()}
    )
    monitor = EdgeMonitor(dut, ["psum_o"], sample, check)
    await renamed.play(pins, tuple(INPUTS.values()), ROWS + COLS + 3)
    check.done(minimum=COLS)
    monitor.kill()


@leaf_test
async def smoke(dut):
    """Goal: one tile. Stimulus: 3 pixels. Check: each sum in its cycle, Rows + 1 + column later."""
    await bring_up(dut)
    await stream(dut, made([3]))


@leaf_test
async def directed_switch(dut):
    """Goal: weights switch with the first pixel of a tile. Stimulus: tiles of 1 pixel and of counts
    around rows and columns, as close as shadow weights allow, written as late as they may be.
    Check: every sum."""
    await bring_up(dut)
    counts = [1, 1, 2, ROWS, COLS, COLS + 1, max(ROWS, COLS) + 3, 1]
    await stream(dut, made(counts))


@leaf_test
async def directed_scatter(dut):
    """Goal: some columns of a row are written, the others keep what they have. Stimulus: 5 tiles,
    zeros into all rows of a bus at once, then their non-zeros in two pieces. Check: every sum."""
    await bring_up(dut)
    await stream(dut, made([3] * 5, 0, ROWS // FEEDS), True)


@leaf_test
async def extremes(dut):
    """Goal: sums at both ends. Stimulus: all operands at the ends of their ranges. Check: exact."""
    await bring_up(dut)
    tiles = made([4])
    low = [-(1 << (width - 1)) for width in WIDTHS]
    weights, pixels = tiles[0].weights.copy(), tiles[0].pixels.copy()
    weights[:, :] = low[1]
    weights[:, 1] = -low[1] - 1
    pixels[0], pixels[1] = low[0], -low[0] - 1
    await stream(dut, [Tile(2, weights, pixels, tiles[0].places)])


@leaf_test
async def throughput(dut):
    """Goal: a pixel per cycle. Stimulus: 3 tiles that follow each other without a gap. Check: every
    sum in its cycle."""
    await bring_up(dut)
    count = max(ROWS, COLS) + 2
    tiles = made([count] * 3)
    assert tiles[2].start - tiles[0].start == 2 * count
    await stream(dut, tiles)


@for_profiles(globals(), ("none", "random"))
async def random(dut, profile):
    """Goal: any tiles. Stimulus: 12 tiles of up to 20 pixels, with gaps or without. Check: every
    sum in its cycle."""
    await bring_up(dut)
    counts = rng().integers(1, 21, 12).tolist()
    await stream(dut, made(counts, 9 * (profile != "none")))
