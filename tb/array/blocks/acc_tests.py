"""lac_array_acc against sums in int, cycle by cycle."""

from __future__ import annotations

from dataclasses import dataclass

from cocotb.triggers import RisingEdge

from models.fixed import limits
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern

PSUM, ACC = config().get("PsumWidth", 36), config().get("AccWidth", 48)
BIAS, DEPTH = config().get("BiasWidth", 32), config().get("AccDepth", 4096)
#: Cycles at least between two visits of an address.
APART = 5
_CTL = ("valid", "first", "init", "last", "addr")
_IN = ("clr_i", *(f"ctl_{name}_i" for name in _CTL), "psum_i", "bias_i")
_IN += ("out_rd_en_i", "out_rd_addr_i")
_OUT = (*(f"ctl_{name}_o" for name in _CTL), "acc_o", "done_o", "err_o", "err_addr_o")


@dataclass(frozen=True)
class Pixel:
    """What is to be added to which sum; ``first``: of its tile, ``init``: a new sum."""

    addr: int
    psum: int
    first: bool = False
    init: bool = False
    last: bool = False
    bias: int = 0


class AccBench:
    """Drives pixels, a partial sum a cycle behind its control, and follows them to the bank."""

    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut, dut.clk_i, *_IN, *_OUT)
        self.sums: dict[int, int] = {}
        self.at_b: Pixel | None = None
        self.at_c: tuple[Pixel, int, bool] | None = None  # sum, and whether it does not fit
        self.bias, self.word = 0, None  # of the tile; what acc_o shows, None: not known
        self.errors = self.dones = self.compared = 0

    async def cycle(
        self, pixel: Pixel | None = None, read: int | None = None, clr: int = 0
    ) -> None:
        """One cycle with the control of a pixel, or a read of a result, or neither."""
        here = pixel or Pixel(addr=DEPTH - 1, psum=0, first=True, init=True, last=True)
        back = self.at_b or Pixel(addr=0, psum=1, bias=-1)
        mask = {"psum_i": (1 << PSUM) - 1, "bias_i": (1 << BIAS) - 1}
        self.pins.drive(
            clr_i=clr,
            ctl_valid_i=pixel is not None,
            ctl_first_i=here.first,
            ctl_init_i=here.init,
            ctl_last_i=here.last,
            ctl_addr_i=here.addr,
            psum_i=back.psum & mask["psum_i"],
            bias_i=(back.bias if back.first else ~back.bias) & mask["bias_i"],
            out_rd_en_i=read is not None,
            out_rd_addr_i=read or 0,
        )
        await RisingEdge(self.dut.clk_i)
        self._check()
        if self.at_c is not None and not self.at_c[2]:
            self.sums[self.at_c[0].addr] = self.at_c[1]
        self.at_c = self._added() if self.at_b is not None and not clr else None
        if read is not None:
            self.word = self.sums[read]
        elif pixel is not None and not pixel.init:
            self.word = self.sums[pixel.addr]
        self.at_b = None if clr else pixel

    def _added(self) -> tuple[Pixel, int, bool]:
        pixel = self.at_b
        assert pixel is not None
        if pixel.first:
            self.bias = pixel.bias
        total = (self.bias if pixel.init else self.sums[pixel.addr]) + pixel.psum
        low, high = limits(ACC)
        return pixel, total, not low <= total <= high

    def _check(self) -> None:
        ctl = self.pins.read("ctl_valid_o", "done_o", "err_o")
        done = self.at_c is not None and self.at_c[0].last
        err = self.at_c is not None and self.at_c[2]
        assert ctl == [int(self.at_b is not None), int(done), int(err)]
        if self.at_b is not None:
            b = self.at_b
            got = self.pins.read(*(f"ctl_{name}_o" for name in _CTL[1:]))
            assert got == [int(b.first), int(b.init), int(b.last), b.addr]
        if err and self.at_c is not None:
            assert self.pins.read("err_addr_o") == [self.at_c[0].addr]
        if self.word is not None:
            assert self.pins.read("acc_o") == [self.word & (1 << ACC) - 1]
            self.compared += 1
        self.errors, self.dones = self.errors + err, self.dones + done

    async def empty(self) -> None:
        """Until nothing is on its way."""
        for _ in range(3):
            await self.cycle()

    async def read_all(self) -> None:
        """Every sum, back to back, then the last one held."""
        await self.empty()
        for address in sorted(self.sums):
            await self.cycle(read=address)
        for _ in range(2):
            await self.cycle()


def value(draw, width: int) -> int:
    """Any number of a width, its ends among them."""
    low, high = limits(width)
    return int(draw.choice([low, high, 0, -1, int(draw.integers(low, high + 1))]))


@leaf_test
async def smoke(dut):
    """Goal: a sum of a bias and three products. Stimulus: two addresses, each three times, five
    cycles apart. Check: control a cycle later, sums, done with the last one."""
    await bring_up(dut)
    bench = AccBench(dut)
    for turn in range(3):
        for address in range(APART):
            await bench.cycle(
                Pixel(
                    addr=address % DEPTH,
                    psum=address - 7,
                    first=address == 0,
                    init=turn == 0,
                    last=turn == 2 and address == APART - 1,
                    bias=100,
                )
            )
    await bench.read_all()
    assert bench.sums == {a: 100 + 3 * (a - 7) for a in range(APART)} and bench.dones == 1


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any tiles. Stimulus: 40 tiles of 5 to 20 sums, new or added to, pixels paused by the
    profile, small numbers and the ends of their widths. Check: every output in every cycle, every
    sum at the end; one that does not fit is flagged and keeps what it was."""
    await bring_up(dut)
    bench, draw = AccBench(dut), rng()
    pause = pause_pattern(profile, "pixels")
    for turn in range(40):
        size = int(draw.integers(APART, min(20, DEPTH) + 1))
        base = int(draw.integers(DEPTH - size + 1))
        places = range(base, base + size)
        new = turn == 0 or not all(p in bench.sums for p in places) or draw.random() < 0.3
        bias = value(draw, BIAS)
        for address in places:
            while next(pause):
                await bench.cycle()
            await bench.cycle(
                Pixel(
                    addr=address,
                    psum=value(draw, PSUM),
                    first=address == base,
                    init=bool(new),
                    last=address == base + size - 1,
                    bias=bias,
                )
            )
        await bench.empty()
    await bench.read_all()
    assert bench.dones == 40 and bench.compared > 100


@leaf_test
async def extremes(dut):
    """Goal: both rails. Stimulus: sums that step onto a rail, one past it, far past it, and from
    there back, from below and above. Check: as in random; every step past is flagged."""
    await bring_up(dut)
    bench = AccBench(dut)
    low, high = limits(ACC)
    small, great = limits(PSUM)
    for rail, most, one in ((high, great, 1), (low, small, -1)):
        start = max(min(most, rail - one), limits(BIAS)[0]) if rail > 0 else most
        pixel = Pixel(addr=0, psum=max(low, min(high, start)), first=True, init=True)
        await bench.cycle(pixel)
        await bench.empty()
        for _ in range(40):
            room = rail - bench.sums[0]
            step = max(small, min(great, room))
            if step == 0:
                break
            await bench.cycle(Pixel(addr=0, psum=step))
            for _ in range(APART - 1):
                await bench.cycle()
        for step in (one, most, -one, one, one):
            await bench.cycle(Pixel(addr=0, psum=step, last=step == most))
            for _ in range(APART - 1):
                await bench.cycle()
    await bench.read_all()
    assert bench.dones == 2
    assert ACC > PSUM + 5 or bench.errors == 6, f"{bench.errors} steps past a rail"


@leaf_test
async def throughput(dut):
    """Goal: a sum per cycle, an address again after five. Stimulus: 200 pixels back to back over
    five addresses. Check: as in random, sums at the end."""
    await bring_up(dut)
    bench, draw = AccBench(dut), rng()
    for n in range(200):
        psum = int(draw.integers(-9, 10))
        await bench.cycle(Pixel(addr=n % APART, psum=psum, first=n % APART == 0, init=n < APART))
    await bench.read_all()
    assert len(bench.sums) == APART and bench.compared > 190


@leaf_test
async def directed_clear(dut):
    """Goal: a clear takes back what is on its way. Stimulus: clears one and two cycles behind a
    pixel, and with it. Check: its sum is not written unless it was in the last stage already."""
    await bring_up(dut)
    bench = AccBench(dut)
    for address in range(APART):
        await bench.cycle(Pixel(addr=address, psum=address, first=True, init=True))
    await bench.empty()
    for behind in range(3):
        await bench.cycle(Pixel(addr=behind, psum=50), clr=int(behind == 0))
        for wait in range(1, 4):
            await bench.cycle(clr=int(wait == behind))
    await bench.read_all()
    assert bench.sums == {0: 0, 1: 1, 2: 52, 3: 3, 4: 4}


@leaf_test
async def reset_mid(dut):
    """Goal: a reset as good as a clear. Stimulus: a reset with pixels in every stage. Check:
    nothing of them is written, flagged or done; what comes behind is right."""
    await bring_up(dut)
    bench = AccBench(dut)
    for address in range(2):
        await bench.cycle(Pixel(addr=address, psum=5, first=True, init=True, last=True))
    bench.pins.drive(ctl_valid_i=0)
    await reset(dut)
    bench.at_b = bench.at_c = None
    await bench.empty()
    for address in range(APART):
        await bench.cycle(Pixel(addr=address, psum=-address, first=True, init=True, bias=1))
    await bench.read_all()
    assert bench.sums == {a: 1 - a for a in range(APART)}
