"""lac_array_agen: every read and every sum address against five loops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, clear_after_start, cycle
from tb.common.bfm.streams import pause_pattern

ADDR, SUM = config().get("AddrWidth", 14), config().get("SumWidth", 12)


@dataclass(frozen=True)
class Geo:
    """What the address generator is told."""

    h: int
    w: int
    p: int
    q: int
    r: int = 1
    s: int = 1
    stride: int = 1
    top: int = 0
    left: int = 0
    ct: int = 1
    kt: int = 1
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
            "kernel_h_i": self.r,
            "kernel_w_i": self.s,
            "stride_i": self.stride,
            "pad_top_i": self.top,
            "pad_left_i": self.left,
            "ct_i": self.ct,
            "kt_i": self.kt,
            "act_base_i": self.base,
            "in_pixels_i": self.h * self.w & mask,
            "row_step_i": self.stride * self.w & mask,
            "top_i": self.top * self.w & mask,
            "keep_i": self.keep,
        }

    def pixels(self) -> list[tuple[int, int, int, int, int, int]]:
        """The truth: (inside, address or 0, first of its tile, new sum, last, sum address)."""
        found = []
        for kt in range(self.kt):
            for r in range(self.r):
                for s in range(self.s):
                    for ct in range(self.ct):
                        first = not (r or s or ct or self.keep)
                        for n in range(self.p * self.q):
                            y = n // self.q * self.stride + r - self.top
                            x = n % self.q * self.stride + s - self.left
                            inside = 0 <= y < self.h and 0 <= x < self.w
                            address = self.base + (ct * self.h + y) * self.w + x
                            sums = kt * self.p * self.q + n
                            item = (int(inside), address if inside else 0, int(n == 0))
                            found.append((*item, int(first), 0, sums & ((1 << SUM) - 1)))
        rest: list[Any] = found[:-1]
        *last, _, sums = found[-1]
        return [*rest, (*last, 1, sums)]


class AgenBench:
    """Drives the geometry and ready, collects pixels."""

    OUTPUTS = (
        *("tile_o", "rd_en_o", "rd_addr_o", "valid_o", "inside_o", "switch_o", "init_o"),
        *("last_o", "sum_addr_o", "waits_o"),
    )

    def __init__(self, dut):
        self.dut = dut
        inputs = Geo(1, 1, 1, 1).pins()
        self.pins = Pins(dut, dut.clk_i, "clr_i", "start_i", "ready_i", *inputs)
        self.check = Checker("pixels")
        self.times: list[int] = []
        self.tiles, self.waits = 0, 0
        self.quiet = False  # a reset or clear is under way
        self._read = (0, 0)
        self.monitor = EdgeMonitor(dut, self.OUTPUTS, self._sample, self.check)

    def _sample(self, seen: EdgeMonitor) -> None:
        if self.quiet:
            self._read = (0, 0)
            return
        if seen["valid_o"]:
            self.times.append(cycle())
            enable, address = self._read
            assert enable == seen["inside_o"]
            rest = [seen[name] for name in ("switch_o", "init_o", "last_o", "sum_addr_o")]
            seen.report((enable, address, *rest))
        else:
            assert not seen["switch_o"] and not self._read[0], "a read without a pixel"
        self.tiles += seen["tile_o"]
        self.waits += seen["waits_o"]
        enable = seen["rd_en_o"]
        self._read = enable, seen["rd_addr_o"] if enable else 0

    async def run(self, geo: Geo, profile: str = "none") -> None:
        """All pixels of a geometry; ``profile``: weights that are not ready."""
        before = self.tiles
        self.check.expect(*geo.pixels())
        self.times.clear()
        self.waits = 0
        self.pins.drive(**geo.pins(), ready_i=0)
        begin = cycle()
        await self.pins.pulse("start_i")
        for paused in pause_pattern(profile, "ready"):
            self.pins.drive(ready_i=not paused)
            await RisingEdge(self.dut.clk_i)
            if self.check.pending == 0:
                break
        self.pins.drive(ready_i=1)
        for _ in range(3):
            await RisingEdge(self.dut.clk_i)
        self.check.done()
        assert self.tiles - before == geo.kt * geo.r * geo.s * geo.ct
        # The first pixel could come 3 cycles after start_i was driven; no pixel is a wait.
        assert self.waits == self.times[-1] - begin - 2 - len(self.times)


def any_geo(draw) -> Geo:
    """A random geometry; inputs, outputs and padding need not fit each other."""
    number = lambda low, high: int(draw.integers(low, high + 1))  # noqa: E731
    return Geo(
        number(1, 6),
        number(1, 6),
        number(1, 6),
        number(1, 6),
        r=number(1, 4),
        s=number(1, 4),
        stride=int(draw.choice((1, 1, 2, 3, 15))),
        top=int(draw.choice((0, 1, 2, 15))),
        left=int(draw.choice((0, 1, 2, 15))),
        ct=number(1, 3),
        kt=number(1, 3),
        base=number(0, 40),
        keep=number(0, 1),
    )


@leaf_test
async def smoke(dut):
    """Goal: a 3x3 convolution with padding. Stimulus: 4x5 input, two channel and output tiles.
    Check: every pixel."""
    await bring_up(dut)
    bench = AgenBench(dut)
    await bench.run(Geo(4, 5, 4, 5, 3, 3, top=1, left=1, ct=2, kt=2, base=7))


@leaf_test(cycles=100_000)
async def directed_steps(dut):
    """Goal: every stride, padding and kernel size. Stimulus: strides 1 to 15 with kernels smaller,
    equal and larger, padding 0 to 15 on each side, kernels 1 to 11. Check: every pixel."""
    await bring_up(dut)
    bench = AgenBench(dut)
    for stride in range(1, 16):
        for taps in {1, stride, min(stride + 2, 11)}:
            await bench.run(Geo(2 * stride + 1, 3, 3, 2, taps, 1, stride=stride, top=1))
            await bench.run(Geo(2, 3 * stride, 2, 4, 1, taps, stride=stride, left=2))
    for padding in range(16):
        await bench.run(Geo(2, 3, 4, 3, 2, 2, stride=1 + padding // 2, top=padding))
        await bench.run(Geo(2, 3, 3, 4, 2, 2, stride=1 + padding // 2, left=padding))
    for taps in (5, 7, 11):
        await bench.run(Geo(taps, taps, 2, 2, taps, taps, top=taps // 2, left=taps // 2))


@leaf_test
async def extremes(dut):
    """Goal: the ends. Stimulus: one pixel; one row; one column; nothing inside; the last word of
    the buffer; more rows than a field of 15 bits has with a step of 15. Check: every pixel."""
    await bring_up(dut)
    bench = AgenBench(dut)
    top = 1 << ADDR
    for geo in (
        Geo(1, 1, 1, 1),
        Geo(1, 9, 1, 9, 1, 3, left=1),
        Geo(9, 1, 9, 1, 3, 1, top=1),
        Geo(1, 1, 2, 2, stride=15, top=7, left=7),
        Geo(3, 3, 3, 3, base=top - 9),
        Geo(40000, 1, 3, 1, stride=15),
        Geo(1, 1, 5000, 1, stride=15, top=14),  # row 65536 would be row 0 in 16 bits
    ):
        await bench.run(geo)


@leaf_test
async def throughput(dut):
    """Goal: one pixel per cycle, no gap between tiles. Stimulus: 6 tiles of 12 pixels, weights
    always ready. Check: 72 successive cycles, the first 2 after start."""
    await bring_up(dut)
    bench = AgenBench(dut)
    geo = Geo(3, 4, 3, 4, 1, 3, ct=2)
    bench.pins.drive(**geo.pins(), ready_i=1)
    bench.check.expect(*geo.pixels())
    begin = cycle()
    await bench.pins.pulse("start_i")
    for _ in range(80):
        await RisingEdge(dut.clk_i)
    bench.check.done()
    # start_i is seen one cycle after it was driven; the read comes a cycle later, then its pixel.
    assert [t - begin - 1 for t in bench.times] == list(range(2, 74))


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear in a tile. Stimulus: each after some pixels. Check: nothing comes any
    more; the next run is exact."""
    await bring_up(dut)
    bench = AgenBench(dut)
    geo = Geo(3, 3, 3, 3, 2, 2)
    for way in ("reset", "clear"):
        bench.check.expect(*geo.pixels())
        bench.pins.drive(**geo.pins(), ready_i=1)
        await bench.pins.pulse("start_i")
        for _ in range(7):
            await RisingEdge(dut.clk_i)
        bench.quiet = True
        await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
        await RisingEdge(dut.clk_i)
        assert bench.check.compared
        bench.check.forget()
        bench.quiet = False
        for _ in range(5):
            await RisingEdge(dut.clk_i)
        await bench.run(replace(geo, stride=2, top=1))


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0 to 7 cycles after it, with weights
    that are ready and that are not. Check: no tile, no read, no pixel, no wait in any cycle behind;
    the next run is exact."""
    await bring_up(dut)
    bench = AgenBench(dut)
    geo = Geo(3, 3, 3, 3, 2, 2)

    def arm(ready: int = 1) -> None:
        bench.quiet = True
        bench.pins.drive(**geo.pins(), ready_i=ready)

    async def good() -> None:
        bench.quiet = False
        await bench.run(replace(geo, stride=2, top=1))

    quiet = dict.fromkeys(("tile_o", "rd_en_o", "valid_o", "waits_o"), 0)
    await clear_after_start(dut, arm, good, quiet)
    await clear_after_start(dut, lambda: arm(0), good, quiet, offsets=range(1, 4))


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any geometry. Stimulus: 15 random ones, weights that keep tiles waiting by the profile.
    Check: every pixel."""
    await bring_up(dut)
    bench, draw = AgenBench(dut), rng()
    for _ in range(15):
        await bench.run(any_geo(draw), profile)
