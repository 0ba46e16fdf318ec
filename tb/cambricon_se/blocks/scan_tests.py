"""lac_cse_scan against a walk of the lists by the contract: group, pixel, entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cocotb.triggers import RisingEdge, Timer

from tb.cambricon_se.blocks.reference import ENTRY, Shape
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.common.bfm.streams import pause_pattern
from tb.common.bfm.structs import split_struct

CONFIG = config()
WINDOW, DEPTH = CONFIG.get("Window", 128), CONFIG.get("ListDepth", 256)
PARTS = (WINDOW + 32 + 63) // 64


@dataclass(frozen=True)
class Item:
    """An entry of the list memory."""

    offset: int
    mask: int
    region: int
    last: bool

    def words(self) -> list[int]:
        """Its stream words."""
        bits = self.offset | self.region << 16 | int(self.last) << 20 | self.mask << 32
        return [bits >> 64 * part & (1 << 64) - 1 for part in range(PARTS)]


def walk(items: Sequence[Item], shape: Shape, groups: int) -> Iterator[tuple[int, int, bool, bool]]:
    """(entry, row, the last one of the pass, at fault) in order; ends behind an entry that leaves
    the memory."""
    begin = 0
    for group in range(groups):
        for p in range(shape.p):
            for q in range(shape.q):
                at, pixel_final = begin, (p, q) == (shape.p - 1, shape.q - 1)
                while True:
                    final = items[at].last and pixel_final and group + 1 == groups
                    goes_on = not items[at].last or (pixel_final and not final)
                    leaves = at == DEPTH - 1 and goes_on
                    row = items[at].offset + shape.origin(p, q)
                    yield at, row, final, leaves or row >= shape.rows
                    if leaves:
                        return
                    at += 1
                    if items[at - 1].last:
                        break
        begin = at


class ScanBench:
    """Loads lists, walks them, compares every entry that is taken."""

    def __init__(self, dut, profile: str = "none"):
        self.dut, self.draw = dut, rng()
        self.pause = pause_pattern(profile, "out")
        self.items = [Item(0, 0, 0, True)] * DEPTH
        self.errors = self.taken = 0
        names = ("clr_i", "start_i", "walk_i", "groups_i", "wr_en_i", "wr_addr_i", "wr_part_i")
        self.pins = Pins(dut, dut.clk_i, *names, "wr_data_i", "read_o", "read_addr_o",
                         "take_o", "out_valid_o", "out_ready_i", "out_entry_o", "out_mask_o",
                         "err_o")  # fmt: skip

    async def load(self, items: Sequence[Item], base: int = 0) -> None:
        """A section."""
        self.items[base : base + len(items)] = items
        for at, item in enumerate(items):
            for part, word in enumerate(item.words()):
                self.pins.drive(wr_en_i=1, wr_addr_i=base + at, wr_part_i=part, wr_data_i=word)
                await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_en_i=0)

    def lists(self, sizes: Sequence[int], shape: Shape, wrong: float = 0.0) -> list[Item]:
        """Lists of sizes, whose rows are there from every pixel; ``wrong``: how many are not."""
        room = shape.rows - shape.origin(shape.p - 1, shape.q - 1)
        items = []
        for size in sizes:
            for at in range(size):
                offset = int(self.draw.integers(room))
                if self.draw.random() < wrong:
                    offset = int(self.draw.choice([room, shape.rows, 65535]))
                mask = int.from_bytes(self.draw.bytes(WINDOW // 8), "little")
                items.append(Item(offset, mask, int(self.draw.integers(16)), at + 1 == size))
        return items

    async def start(self, shape: Shape, groups: int) -> None:
        """Begin a pass."""
        self.pins.drive(walk_i=shape.walk(), groups_i=groups, out_ready_i=0)
        await self.pins.pulse("start_i")

    async def run(self, shape: Shape, groups: int, stop: int = -1) -> int:
        """A pass; cycles from its start to the last entry. ``stop``: only so many cycles."""
        want = list(walk(self.items, shape, groups))
        await self.start(shape, groups)
        read = held = -1
        cycles = done = quiet = 0
        while quiet < 6:
            self.pins.drive(out_ready_i=not next(self.pause))
            await RisingEdge(self.dut.clk_i)
            cycles += 1
            valid, ready, takes, reads = self.pins.read(
                "out_valid_o", "out_ready_i", "take_o", "read_o"
            )
            quiet = 0 if valid else quiet + (done == len(want))
            if valid:
                assert done < len(want), "an entry behind the last"
                self.compare(want[done], held)
                done += ready
                ended = cycles
            assert cycles < 20_000 and (valid or not self.pins.read("err_o")[0])
            if cycles == stop:
                return cycles
            held = read if takes else held
            read = self.pins.read("read_addr_o")[0] if reads else read
        self.taken += done
        return ended if want else 0

    def compare(self, want: tuple[int, int, bool, bool], held: int) -> None:
        """The entry that is offered; ``held``: the one whose masks PEs have."""
        at, row, final, wrong = want
        item = self.items[at]
        bits, mask, err = self.pins.read("out_entry_o", "out_mask_o", "err_o")
        found = split_struct(ENTRY, bits)
        assert err == wrong, f"entry {at}, row {row}: error {err}"
        assert (found["entry"], held) == (at, at), f"{found}, masks of {held}, expected {at}"
        self.errors += err
        if not err:
            ends = {"last": item.last, "final": final}
            expected = ends | {"region": item.region, "entry": at, "row": row}
            assert found == expected, f"{found}, expected {expected}"
            assert mask == item.mask, f"entry {at}: mask {mask:x}"

    def shape(self, most: int = 3) -> Shape:
        """Any pass of few pixels."""
        p, q, stride, cb = (int(self.draw.integers(1, most + 1)) for _ in range(4))
        more = self.draw.integers(0, 3, 2).tolist()
        return Shape(
            (p - 1) * stride + 1 + more[0], (q - 1) * stride + 1 + more[1], p, q, stride, cb
        )

    async def clear(self) -> None:
        """The end of a pass that is cut off."""
        await self.pins.pulse("clr_i")
        await RisingEdge(self.dut.clk_i)
        assert self.pins.read("out_valid_o", "err_o", "read_o") == [0, 0, 0]


SMALL = Shape(3, 3, 2, 2, 1, 2)
#: Sizes of two lists.
PAIR = (min(2, DEPTH - 1), 1)


@leaf_test
async def smoke(dut):
    """Goal: time and order. Stimulus: two lists at four pixels. Check: every entry, the first one 3
    cycles behind the start, one in every cycle."""
    await bring_up(dut)
    bench = ScanBench(dut)
    await bench.load(bench.lists(PAIR, SMALL))
    assert await bench.run(SMALL, 2) == 3 + sum(PAIR) * 4 - 1
    assert await bench.run(SMALL, 1) == 3 + PAIR[0] * 4 - 1
    assert await bench.run(SMALL, 0) == 0


@for_profiles(globals(), ("none", "random", "burst", "slow"))
async def random(dut, profile):
    """Goal: any lists at any pixels. Stimulus: 20 passes of up to 5 lists, with pauses of the
    receiver, one right behind the other; some rows past the block. Check: every entry, its mask,
    its error, whose masks the PEs have."""
    await bring_up(dut)
    bench = ScanBench(dut, profile)
    for at in range(20):
        shape, left = bench.shape(), DEPTH
        sizes: list[int] = []
        while left and len(sizes) < 5:
            sizes.append(int(bench.draw.integers(1, min(left, 4) + 1)))
            left -= sizes[-1]
        await bench.load(bench.lists(sizes, shape, 0.2 if at % 4 == 3 else 0.0))
        await bench.run(shape, int(bench.draw.integers(1, len(sizes) + 1)))
    assert bench.errors and bench.taken > 100


@leaf_test(cycles=200_000)
async def extremes(dut):
    """Goal: the whole memory. Stimulus: a list of all entries; one entry in each list; lists whose
    last one ends with the memory, and a group more than there are, at one pixel and at several; a
    list without an end. Check: every entry; the error with the last entry of the memory alone."""
    await bring_up(dut)
    bench = ScanBench(dut)
    for shape in (Shape(1, 1, 1, 1, 1, 1), SMALL):
        for sizes in ([DEPTH], [1] * DEPTH, [DEPTH - 1, 1], [1, DEPTH - 1]):
            await bench.load(bench.lists(sizes, shape))
            await bench.run(shape, len(sizes))
            assert bench.errors == 0
            for _ in range(2):
                await bench.run(shape, len(sizes) + 1)
                await bench.clear()
                assert bench.errors == 1
                bench.errors = 0
            await bench.run(shape, len(sizes))
        items = bench.lists([DEPTH], shape)
        items[-1] = replace(items[-1], last=False)
        await bench.load(items)
        await bench.run(shape, 1)
        await bench.clear()
        assert bench.errors == 1
        bench.errors = 0


@leaf_test
async def directed_rows(dut):
    """Goal: the last row that the block has, and the first that it has not. Stimulus: offsets to
    both from the first and the last pixel; the largest steps that there are, whose rows do not fit
    16 bits. Check: errors of the second alone."""
    await bring_up(dut)
    bench = ScanBench(dut)
    room = SMALL.rows - SMALL.origin(1, 1)
    for offset, wrong in ((room - 1, 0), (room, 1), (SMALL.rows - 1, 3), (SMALL.rows, 4)):
        await bench.load([Item(offset, 1, 0, True)])
        await bench.run(SMALL, 1)
        assert bench.errors == wrong, f"offset {offset}: {bench.errors} errors"
        await bench.clear()
        bench.errors = 0
    for h, w, p, q, cb in ((1, 1, 3, 3, 255), (65535, 1, 3, 9, 1), (1, 65535, 3, 3, 1)):
        for offset in (0, 65535):
            await bench.load([Item(offset, 1, 0, True)])
            await bench.run(Shape(h, w, p, q, 15, cb), 1)
            await bench.clear()
    assert bench.errors


@leaf_test
async def directed_marks(dut):
    """Goal: an entry may change alone. Stimulus: every entry becomes the end of a list, then is
    none again, entry by entry, in both orders. Check: every walk."""
    await bring_up(dut)
    bench = ScanBench(dut)
    depth = min(DEPTH, 8)
    shape = Shape(1, 2, 1, 2, 1, 1)
    items = bench.lists([depth], shape)
    await bench.load(items)
    for order in (range(depth - 1), range(depth - 2, -1, -1)):
        for last in (True, False):
            for at in order:
                await bench.load([replace(items[at], last=last)], at)
                ends = sum(item.last for item in bench.items[:depth])
                for groups in {1, ends}:
                    await bench.run(shape, groups)
    assert bench.errors == 0


@leaf_test
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset, or a clear, after each cycle of one whose receiver
    waits or does not. Check: quiet; the next pass is exact."""
    await bring_up(dut)
    for profile in ("none", "random"):
        bench = ScanBench(dut, profile)
        await bench.load(bench.lists(PAIR, SMALL))
        for stop in range(1, 16):
            for clears in (False, True):
                await bench.run(SMALL, 2, stop=stop)
                if clears:
                    await bench.clear()
                else:
                    await reset(dut)
                    await Timer(1, "ns")
                    assert bench.pins.read("out_valid_o", "read_o") == [0, 0]
                    await bench.load(bench.items[:1])
                await bench.run(SMALL, 2)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a pass."""
    await bring_up(dut)
    bench = ScanBench(dut)
    await bench.load(bench.lists(PAIR, SMALL))

    def arm() -> None:
        bench.pins.drive(walk_i=SMALL.walk(), groups_i=2, out_ready_i=1)

    async def good() -> None:
        await bench.run(SMALL, 2)

    await clear_after_start(dut, arm, good, {"out_valid_o": 0, "err_o": 0, "read_o": 0})
