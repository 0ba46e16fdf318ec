"""lac_fmt_masks against a tile of masks, step by step, as a decoder of the bitmap takes it."""

from __future__ import annotations

from dataclasses import dataclass

from cocotb.triggers import RisingEdge

from models.formats.base import Fault
from tb.common.bfm.block import Pins, bring_up, config, leaf_test, reset, rng
from tb.formats.parts import noise

WORD = config().get("WordWidth", 64)
VALUE = config().get("ValueWidth", 8)
SLOTS = config().get("NumSlots", 4)
ROWS, COLS = config().get("Rows", 16), config().get("Cols", 16)
ITEMS = ROWS * COLS
NUM_MASKS = -(-ITEMS // WORD)
LAST_BITS = ITEMS - (NUM_MASKS - 1) * WORD
TOP = (1 << WORD) - 1
NONE = 0
_IN: tuple[str, ...] = (
    "start_i",
    "count_i",
    "step_i",
    "bits_i",
    "level_i",
    "taken_i",
    "used_i",
    "used_up_i",
)
_IN += ("rest_i",)
_OUT = ("load_o", "take_o", "mask_o", "left_o", "done_o", "fault_o", "row_o", "col_o")


@dataclass
class Tile:
    """Masks of a tile, the first with its row-major first element in bit 0, and its header."""

    masks: list[int]
    count: int

    @property
    def ones(self) -> int:
        return sum(mask.bit_count() for mask in self.masks)

    def verdict(self, index: int) -> int:
        """What is found once mask ``index`` is at work."""
        if index == NUM_MASKS - 1 and self.masks[index] >> LAST_BITS:
            return Fault.INDEX
        so_far = sum(mask.bit_count() for mask in self.masks[: index + 1])
        return Fault.COUNT if so_far > self.count else NONE


def tile(draw, density: float) -> Tile:
    """A tile with this share of ones."""
    bits = [int(draw.random() < density) for _ in range(ITEMS)]
    numbers = [bits[k * WORD : (k + 1) * WORD] for k in range(NUM_MASKS)]
    masks = [sum(bit << i for i, bit in enumerate(number)) for number in numbers]
    return Tile(masks, sum(bits))


class MasksBench:
    """Takes values off the mask at work, and the next mask behind the last of them."""

    def __init__(self, dut, draw):
        self.dut, self.draw = dut, draw
        self.pins = Pins(dut, dut.clk_i, *_IN, *_OUT)
        self.masks = self.steps = 0

    async def step(self, **values: int) -> dict[str, int]:
        """One cycle; what the outputs are in it."""
        self.pins.drive(**{"start_i": 0, "step_i": 0} | values)
        await RisingEdge(self.dut.clk_i)
        return dict(zip(_OUT[:6], self.pins.read(*_OUT[:6]), strict=True))

    async def run(self, tile: Tile, *, few: float = 0.3, idle: float = 0.1) -> int:
        """A tile up to its end or its first fault, which is returned. ``few``: share of steps with
        fewer bits in the window than there might be; ``idle``: of cycles without a step."""
        draw = self.draw
        self.pins.drive(step_i=0, start_i=1, count_i=tile.count)
        await RisingEdge(self.dut.clk_i)
        mask, index, fresh = 0, -1, False
        while True:
            left, more = mask.bit_count(), index + 1 < NUM_MASKS
            want: int = tile.verdict(index) if fresh else NONE
            over = not more and left == 0
            if want == NONE and over and tile.ones != tile.count:
                want = Fault.COUNT
            level = 2 * WORD
            if draw.random() < few:  # any, or a bit less than the step could do with
                edge = min(left, SLOTS) * VALUE + int(draw.choice([0, WORD])) - 1
                level = int(draw.choice([draw.integers(2 * WORD + 1), max(0, min(edge, level))]))
            num = min(left, SLOTS, level // VALUE)
            load = more and num == left and level >= num * VALUE + WORD
            following = tile.masks[index + 1] if more else noise(draw, WORD)
            behind = noise(draw, 2 * WORD) & ~(TOP << num * VALUE) | following << num * VALUE
            rest = mask
            for _ in range(num):
                rest &= rest - 1
            ended = want != NONE or over
            step = not ended and not draw.random() < idle
            got = await self.step(
                step_i=step,
                bits_i=behind & (1 << 2 * WORD) - 1,
                level_i=level,
                taken_i=(1 << num) - 1,
                used_i=num,
                used_up_i=1 << left if left <= SLOTS else 0,
                rest_i=rest,
            )
            about = f"mask {index} {mask:#x}, level {level}, {num} values"
            expected = {"load_o": int(load), "take_o": num * VALUE + (WORD if load else 0)}
            expected |= {"mask_o": mask, "left_o": left}
            assert {name: got[name] for name in expected} == expected, about
            if index >= 0:
                place = divmod(index * WORD, COLS)
                assert self.pins.read("row_o", "col_o") == list(place), about
            assert got["fault_o"] == want, about
            assert got["done_o"] == int(over and tile.ones == tile.count), about
            if ended:
                return want
            if step:
                self.steps += 1
                self.masks += load
                fresh, index = load, index + load
                mask = following if load else rest


@leaf_test
async def smoke(dut):
    """Goal: every mask of a tile comes to work. Stimulus: an empty, a sparse and a full tile, all
    bits there. Check: masks, their places, ones left, bits taken, done at the end."""
    await bring_up(dut)
    bench = MasksBench(dut, rng())
    for density in (0, 0.2, 1):
        assert await bench.run(tile(bench.draw, density), few=0, idle=0) == NONE
    assert bench.masks == 3 * NUM_MASKS


@leaf_test
async def random_none(dut):
    """Goal: bits that come in any pieces. Stimulus: 25 tiles of all densities, windows of every
    level, cycles without a step. Check: as in smoke."""
    await bring_up(dut)
    bench = MasksBench(dut, rng())
    for k in range(25):
        found = await bench.run(tile(bench.draw, k / 24), few=0.6, idle=0.3)
        assert found == NONE
    assert bench.masks == 25 * NUM_MASKS and bench.steps > 100


@leaf_test
async def extremes(dut):
    """Goal: each number of ones. Stimulus: tiles of which each mask has 0, 1, ... ones, from bit 0
    up and from the top down; the window exactly as long as is needed. Check: as in smoke."""
    await bring_up(dut)
    bench = MasksBench(dut, rng())
    for ones in range(LAST_BITS + 1):
        for masks in ([(1 << ones) - 1] * NUM_MASKS, [(1 << LAST_BITS) - (1 << ones)] * NUM_MASKS):
            some = Tile(masks, sum(mask.bit_count() for mask in masks))
            assert await bench.run(some, few=0, idle=0) == NONE


@leaf_test
async def bad_masks(dut):
    """Goal: every fault. Stimulus: a header with one more and with fewer ones than the masks, at
    the first and at the last mask; a one right behind the tile, and in the last bit. Check: the
    error, in the step behind the mask; the next tile is right."""
    await bring_up(dut)
    bench, draw = MasksBench(dut, rng()), rng()
    for density in (0.3, 1):
        good = tile(draw, density)
        first = good.masks[0].bit_count()
        for count in (good.ones + 1, good.ones - 1, first - 1, 0):
            found = await bench.run(Tile(good.masks, count))
            assert found == Fault.COUNT, f"{good.ones} ones, header {count}"
        for bit in {LAST_BITS, WORD - 1} - ({LAST_BITS} if LAST_BITS == WORD else set()):
            if LAST_BITS < WORD:
                masks = [*good.masks[:-1], good.masks[-1] | 1 << bit]
                assert await bench.run(Tile(masks, good.ones + 1)) == Fault.INDEX
        assert await bench.run(good) == NONE


@leaf_test
async def reset_mid(dut):
    """Goal: a tile behind a reset. Stimulus: a reset between tiles and before the first is begun.
    Check: as in smoke."""
    await bring_up(dut)
    bench = MasksBench(dut, rng())
    for _ in range(2):
        assert await bench.run(tile(bench.draw, 0.4)) == NONE
        await reset(dut)
    assert await bench.run(tile(bench.draw, 0.4)) == NONE
