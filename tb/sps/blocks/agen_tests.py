"""lac_sps_agen: origin, border and sum address of every pixel, tile by tile as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import pause_pattern

CONFIG = config()
ADDR, SUM = CONFIG.get("AddrWidth", 14), CONFIG.get("SumWidth", 12)
SIZE = CONFIG.get("KernelSize", 7)
#: Tiles of a pass, as (kt, ct, step).
Tiles = list[tuple[int, int, int]]


@dataclass(frozen=True)
class Geo:
    """What the address generator is told."""

    h: int
    w: int
    p: int
    q: int
    stride: int = 1
    top: int = 0
    left: int = 0
    base: int = 0
    keep: int = 0

    def pins(self) -> dict[str, int]:
        """Input values."""
        mask = (1 << ADDR) - 1
        return {
            "in_h_i": self.h,
            "in_w_i": self.w,
            "out_h_i": self.p,
            "out_w_i": self.q,
            "stride_i": self.stride,
            "pad_top_i": self.top,
            "pad_left_i": self.left,
            "act_base_i": self.base & mask,
            "in_pixels_i": self.h * self.w & mask,
            "row_step_i": self.stride * self.w & mask,
            "top_i": self.top * self.w & mask,
            "keep_i": self.keep,
        }

    def pixels(self, tiles: Tiles) -> list[tuple[int, ...]]:
        """The truth: (base, yin, xin, first, init, last, sum address)."""
        found: list[tuple[int, ...]] = []
        count = self.p * self.q
        for k, (kt, ct, step) in enumerate(tiles):
            for n in range(count):
                y = n // self.q * self.stride - self.top
                x = n % self.q * self.stride - self.left
                base = self.base + (ct * self.h + y) * self.w + x & (1 << ADDR) - 1
                yin = sum(1 << d for d in range(SIZE) if 0 <= y + d < self.h)
                xin = sum(1 << d for d in range(SIZE) if 0 <= x + d < self.w)
                init = int(not (ct or step or self.keep))
                last = int(k == len(tiles) - 1 and n == count - 1)
                sums = kt * count + n & (1 << SUM) - 1
                found.append((base, yin, xin, int(n == 0), init, last, sums))
        return found


class AgenBench:
    """Hands over tiles and collects pixels."""

    OUTPUTS = (
        *("tile_o", "valid_o", "waits_o", "base_o", "yin_o", "xin_o", "first_o", "init_o"),
        *("last_o", "sum_addr_o"),
    )
    CONTROL = ("clr_i", "start_i", "ready_i", "init_i", "fresh_i", "known_i", "final_i")

    def __init__(self, dut):
        self.dut, self.rng = dut, rng()
        self.pins = Pins(dut, dut.clk_i, *self.CONTROL, *Geo(1, 1, 1, 1).pins(), "tile_o")
        self.check = Checker("pixels")
        self.times: list[int] = []
        self.waits = 0
        self.monitor = EdgeMonitor(dut, self.OUTPUTS, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        self.waits += seen["waits_o"]
        if seen["valid_o"] and self.check.pending:
            self.times.append(cycle())
            seen.report(tuple(seen[name] for name in self.OUTPUTS[3:]))

    def arm(self, geo: Geo, tiles: Tiles) -> None:
        """Geometry; the first tile is ready at once."""
        self.check.expect(*geo.pixels(tiles))
        self.times.clear()
        self.waits = 0
        self.pins.drive(**geo.pins(), ready_i=1, init_i=1, fresh_i=1, known_i=1, final_i=0)

    async def run(
        self, geo: Geo, tiles: Tiles, ready: str = "none", known: str = "none"
    ) -> list[int]:
        """A pass; ``ready``, ``known``: when tiles and their ends come. Cycles of its pixels."""
        self.arm(geo, tiles)
        begin, at = cycle(), 0
        self.pins.drive(ready_i=0)
        await self.pins.pulse("start_i")
        for late, unknown in zip(
            pause_pattern(ready, "ready"), pause_pattern(known, "known"), strict=False
        ):
            left = at < len(tiles)
            if left:
                _, ct, step = tiles[at]
                self.pins.drive(init_i=not (ct or step), fresh_i=not step)
            self.pins.drive(
                ready_i=left and not late,
                known_i=not unknown,
                final_i=not left and not unknown,
            )
            await RisingEdge(self.dut.clk_i)
            at += self.pins.read("tile_o")[0]
            if not self.check.pending:
                break
        self.pins.drive(ready_i=0)
        for _ in range(3):
            await RisingEdge(self.dut.clk_i)
        self.check.done()
        assert at == len(tiles)
        # The generator runs from the cycle behind start_i to the last pixel.
        assert self.waits == self.times[-1] - begin - 1 - len(self.times)
        return self.times


def some_tiles(draw, most: int = 3) -> Tiles:
    """Tiles of a pass with any number of steps."""
    kts, cts = (int(draw.integers(1, most + 1)) for _ in range(2))
    return [
        (kt, ct, step)
        for kt in range(kts)
        for ct in range(cts)
        for step in range(int(draw.integers(1, 4)))
    ]


def any_geo(draw) -> Geo:
    """A random geometry; inputs, outputs and padding need not fit each other."""
    number = lambda low, high: int(draw.integers(low, high + 1))  # noqa: E731
    return Geo(
        number(1, 6),
        number(1, 6),
        number(1, 6),
        number(1, 6),
        stride=int(draw.choice((1, 1, 2, 3, 15))),
        top=int(draw.choice((0, 1, 2, 15))),
        left=int(draw.choice((0, 1, 2, 15))),
        base=number(0, 40),
        keep=number(0, 1),
    )


PLAIN = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)]


@leaf_test
async def smoke(dut):
    """Goal: a 3x3 window with padding. Stimulus: 4x5 input, two channel and output tiles of one and
    of two steps. Check: every pixel."""
    await bring_up(dut)
    await AgenBench(dut).run(Geo(4, 5, 4, 5, top=1, left=1, base=7), PLAIN)


@for_profiles(globals(), ("none", "random", "slow"))
async def random(dut, profile):
    """Goal: any pass. Stimulus: 10 geometries with tiles and ends that are late. Check: every
    pixel; no pixel is a wait."""
    await bring_up(dut)
    bench = AgenBench(dut)
    for _ in range(10):
        await bench.run(any_geo(bench.rng), some_tiles(bench.rng), profile, profile)


@leaf_test(cycles=100_000)
async def directed_steps(dut):
    """Goal: every stride and padding. Stimulus: strides 1 to 15, padding 0 to 15 on each side, an
    input of one pixel. Check: every pixel."""
    await bring_up(dut)
    bench = AgenBench(dut)
    for number in range(16):
        stride = max(number, 1)
        await bench.run(Geo(2 * stride + 1, 3, 3, 2, stride=stride, top=number), [(0, 0, 0)])
        await bench.run(Geo(2, 2 * stride, 2, 4, stride=stride, left=number), [(0, 0, 0)])
        await bench.run(Geo(1, 1, 4, 4, stride=5, top=number, left=15 - number), [(0, 0, 0)])


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: one pixel; nothing inside; the last word of the banks; rows and
    columns at the end of their 16 bits. Check: every pixel."""
    await bring_up(dut)
    bench = AgenBench(dut)
    for geo in (
        Geo(1, 1, 1, 1),
        Geo(1, 1, 2, 2, stride=15, top=7, left=7),
        Geo(3, 3, 3, 3, base=(1 << ADDR) - 9),
        Geo(65535, 1, 3, 1, stride=15),
        Geo(1, 65535, 1, 3, stride=15, left=15),
        Geo(1, 1, 5000, 1, stride=15, top=14),  # row 65536 would be row 0 in 16 bits
    ):
        await bench.run(geo, [(0, 0, 0)])
    await bench.run(Geo(2, 2, 1, 1), PLAIN)


@leaf_test
async def throughput(dut):
    """Goal: one pixel per cycle, no gap between tiles. Stimulus: 6 tiles of 12 pixels, always ready
    and known. Check: 72 successive cycles, the first 2 behind start_i."""
    await bring_up(dut)
    bench = AgenBench(dut)
    begin = cycle()
    times = await bench.run(Geo(3, 4, 3, 4), PLAIN)
    assert [t - begin - 1 for t in times] == list(range(2, 74))


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it. Check: no tile,
    no pixel, no wait in any cycle behind; the next pass is exact."""
    await bring_up(dut)
    bench = AgenBench(dut)
    geo = Geo(3, 3, 3, 3)

    async def good() -> None:
        bench.check.forget()
        await bench.run(replace(geo, stride=2, top=1), PLAIN)

    quiet = {"tile_o": 0, "valid_o": 0, "waits_o": 0}
    await clear_after_start(dut, lambda: bench.arm(geo, [(0, 0, 0)]), good, quiet)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a tile. Stimulus: each after some pixels. Check: nothing comes any
    more; the next pass is exact."""
    await bring_up(dut)
    bench = AgenBench(dut)
    for way in ("reset", "clear"):
        bench.arm(Geo(3, 3, 3, 3), [(0, 0, 0)])
        await bench.pins.pulse("start_i")
        for _ in range(5):
            await RisingEdge(dut.clk_i)
        bench.pins.drive(ready_i=0)
        await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
        assert bench.check.compared
        bench.check.forget()
        for _ in range(4):
            await RisingEdge(dut.clk_i)
            assert bench.pins.read("tile_o") == [0]
        await bench.run(Geo(3, 3, 2, 3, top=1), PLAIN)
