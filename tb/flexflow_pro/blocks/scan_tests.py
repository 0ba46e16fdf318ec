"""lac_ffp_scan against the positions of a pass, cycle by cycle."""

from __future__ import annotations

from collections.abc import Callable

from cocotb.triggers import RisingEdge, Timer

from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import clear_after_start
from tb.flexflow_pro.blocks.reference import EVENT, Position, Shape, draw_shape, positions

CONFIG = {"MaskWord": 16, "KCells": 9, "NCells": 12} | config()
WORD, K_CELLS, N_CELLS = CONFIG["MaskWord"], CONFIG["KCells"], CONFIG["NCells"]
INPUTS = ("clr_i", "start_i", "start_cell_i", "walk_i", "window_i", "room_i", "nmask_i", "wmask_i")
OUTPUTS = ("ncell_o", "wcell_o", "pair_o", "pos_o", "below_o", "last_o", "release_o", "event_o")
Gate = Callable[[], bool]


class ScanBench:
    """One pass at a time; the masks of a cell come in the cycle that asks for it."""

    def __init__(self, dut):
        self.dut, self.draw = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *INPUTS, *OUTPUTS)
        self.seen = dict.fromkeys(EVENT, 0)
        self.waited = self.looked = 0

    def masks(self, count: int, density: float) -> list[int]:
        """Random masks."""
        bits = self.draw.random((count, WORD)) < density
        return [sum(int(bit) << k for k, bit in enumerate(row)) for row in bits]

    async def run(
        self,
        shape: Shape,
        nmasks: list[int] | None = None,
        wmasks: list[int] | None = None,
        window: Gate = lambda: True,
        room: Gate = lambda: True,
        stop: int = -1,
    ) -> int:
        """A pass; cycles from the first position to the last. ``stop``: only so many cycles."""
        group = int(self.draw.integers(1 << shape.groups_log))
        size = shape.lines * shape.line * shape.cells
        nmasks = self.masks(size, self.draw.choice([0.1, 0.5, 0.9])) if nmasks is None else nmasks
        wmasks = (
            self.masks(K_CELLS, self.draw.choice([0.1, 0.5, 0.9])) if wmasks is None else wmasks
        )
        todo = list(positions(shape, group, nmasks, wmasks))
        ring = [0] * (shape.ring * shape.cells)
        start = group * shape.stride * shape.cells
        self.pins.drive(walk_i=shape.walk(), start_cell_i=start, room_i=0, window_i=0)
        await self.pins.pulse("start_i")
        sent = done = there = cycles = begun = 0
        total, released = shape.lines * shape.windows, 0
        while todo and cycles != stop:
            # A window may come if its slices have room in the ring.
            comes = sent < total and shape.until(sent) - released <= shape.ring and window()
            if comes:
                old = 0 if sent == 0 else shape.until(sent - 1)
                for cell in range(old * shape.cells, shape.until(sent) * shape.cells):
                    ring[cell % len(ring)] = nmasks[cell]
            free = room()
            self.pins.drive(window_i=comes, room_i=free)
            await Timer(1, "ns")
            # A PE looks at no cell that comes with the window of this cycle.
            ncell, wcell = self.pins.read("ncell_o", "wcell_o")
            if there:
                self.pins.drive(nmask_i=ring[ncell], wmask_i=wmasks[wcell])
            await Timer(1, "ns")
            goes = self.compare(todo[0], there > 0, free, ring)
            if goes:
                gone = todo.pop(0)
                begun = begun or cycles + 1
                if gone.window_ends:
                    there -= 1
                    released += shape.freed(done)
                    done += 1
            there += comes
            sent += comes
            cycles += 1
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(window_i=0)
        return cycles - begun + 1

    def compare(self, want: Position, active: bool, free: bool, ring: list[int]) -> bool:
        """All outputs of a cycle; whether a position is done with."""
        ncell, wcell, pair, pos, below, last, release, event = self.pins.read(*OUTPUTS)
        goes = active and (free or not want.result_ends)
        relaxed = bool(self.pins.bus.walk_i.value.to_unsigned() >> 66)
        kinds = {
            "useful": goes and want.pair,
            "padding": goes and not want.pair and not relaxed,
            "empty": goes and not want.pair and relaxed,
            "sync": active and want.result_ends and not free,
            "cell_ends": goes and want.cell_ends,
        }
        found = {name: event >> 4 - k & 1 for k, name in enumerate(EVENT)}
        assert found == kinds, f"{want}: {found}, expected {kinds}"
        ends = (goes and want.result_ends, goes and want.window_ends)
        assert (last, release) == ends and pair == (goes and want.pair), want
        for name, flag in kinds.items():
            self.seen[name] += flag
        if active:
            assert (ncell, wcell) == (want.ncell, want.wcell), want
        if pair:
            mask = ring[ncell] & (1 << want.pos) - 1
            assert (pos, below) == (want.pos, mask), f"{want}: {pos} {below:b}"
        return goes


def shape_of(**fields) -> Shape:
    """A pass of given fields, the rest as small as it can be."""
    made = Shape(WORD, **({"pieces": WORD} | fields))
    return Shape(**(vars(made) | {"ring": fields.get("ring", made.span)}))


@leaf_test
async def smoke(dut):
    """Goal: a window of two taps, twice, relaxed and in lock step. Stimulus: windows at once, room
    always. Check: every output of every cycle."""
    await bring_up(dut)
    bench = ScanBench(dut)
    for relaxed in (True, False):
        shape = shape_of(windows=2, taps=min(2, K_CELLS), relaxed=relaxed)
        await bench.run(shape, [7] * shape.line, [0b1011] * K_CELLS)
    assert bench.seen["useful"] and bench.seen["padding"]


@for_profiles(globals(), ("none", "random", "slow"))
async def random(dut, profile):
    """Goal: any pass. Stimulus: 12 of them; windows and room at once, now and then, or seldom.
    Check: every output of every cycle; all accounts occurred."""
    await bring_up(dut)
    bench = ScanBench(dut)
    rate = {"none": 1.0, "random": 0.5, "slow": 0.15}[profile]

    def gate() -> bool:
        return bool(bench.draw.random() < rate)

    for _ in range(12):
        await bench.run(draw_shape(bench.draw, WORD, K_CELLS, N_CELLS), window=gate, room=gate)
    missing = [name for name, count in bench.seen.items() if not count]
    assert missing == ([] if profile != "none" else ["sync"])


@leaf_test(cycles=100_000)
async def extremes(dut):
    """Goal: ends of masks and sizes. Stimulus: no weight, no neuron, all live, one bit at either
    end, each number of pieces of the last cell; the largest kernel store and the largest ring.
    Check: every output; in all, cells without a pair and cells of all positions."""
    await bring_up(dut)
    bench = ScanBench(dut)
    full, top = (1 << WORD) - 1, 1 << WORD - 1
    for relaxed in (True, False):
        shape = shape_of(windows=2, taps=min(2, K_CELLS), relaxed=relaxed)
        size = shape.line * shape.cells
        for n in (0, 1, top, full):
            for w in (0, 1, top, full):
                await bench.run(shape, [n] * size, [w] * K_CELLS)
        for pieces in range(1, WORD + 1):
            await bench.run(shape_of(pieces=pieces, relaxed=relaxed), [full], [full] * K_CELLS)
        largest = min(K_CELLS, N_CELLS)
        await bench.run(shape_of(windows=3, taps=largest, relaxed=relaxed, ring=N_CELLS))
        await bench.run(shape_of(windows=3, maps=min(8, K_CELLS), relaxed=relaxed, ring=N_CELLS))


@leaf_test
async def throughput(dut):
    """Goal: a position per cycle, no gap between cells, results and windows that are there.
    Stimulus: passes without waits. Check: cycles are the sum of max(1, pairs) over the cells."""
    await bring_up(dut)
    bench = ScanBench(dut)
    for _ in range(4):
        shape = shape_of(windows=6, taps=1, maps=min(2, K_CELLS), ring=N_CELLS)
        nmasks, wmasks = bench.masks(shape.line, 0.5), bench.masks(K_CELLS, 0.5)
        want = sum(max(1, (n & wmasks[m]).bit_count()) for n in nmasks for m in range(shape.maps))
        assert await bench.run(shape, nmasks, wmasks) == want


@leaf_test
async def directed_room(dut):
    """Goal: the last position of a result waits for room, no other. Stimulus: no room for 1 to 9
    cycles at a time. Check: every output of every cycle; it has waited."""
    await bring_up(dut)
    bench = ScanBench(dut)
    for wait in range(1, 10):
        left = [0]

        def gate(left: list[int] = left, wait: int = wait) -> bool:
            left[0] = (left[0] + 1) % (wait + 1)
            return left[0] == 0

        await bench.run(shape_of(windows=3, taps=min(2, K_CELLS)), room=gate)
    assert bench.seen["sync"] > 20


@leaf_test
async def reset_mid(dut):
    """Goal: a pass cut off. Stimulus: a reset after every third cycle of one. Check: quiet; the
    next pass is exact."""
    await bring_up(dut)
    bench = ScanBench(dut)
    shape = shape_of(windows=3, taps=min(2, K_CELLS))
    for stop in range(1, 20, 3):
        await bench.run(shape, stop=stop)
        await reset(dut)
        await Timer(1, "ns")
        assert bench.pins.read("event_o", "last_o", "release_o") == [0, 0, 0]
        await bench.run(shape)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: one 0, 1, 2, ... cycles after it. Check: quiet;
    then a pass."""
    await bring_up(dut)
    bench = ScanBench(dut)

    async def good() -> None:
        await bench.run(shape_of(windows=2, taps=min(2, K_CELLS)))

    quiet = {"event_o": 0, "last_o": 0, "release_o": 0, "pair_o": 0}
    await clear_after_start(dut, lambda: None, good, quiet, offsets=range(4), cycles=6)
