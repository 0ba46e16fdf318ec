"""The stream blocks of ``rtl/common``: the same tests for all, by the table of their models."""

from __future__ import annotations

from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test
from tb.common.bfm.streams import PROFILES
from tb.common_rtl.stream_models import BLOCKS
from tb.common_rtl.stream_traffic import Traffic

#: one lane on a side: not every path of the table is there
SINGLE = 1 in [value for name, value in config().items() if name.startswith("Num")]


async def start(dut) -> Traffic:
    """Clock, reset, and traffic for the module that is the top."""
    await bring_up(dut)
    traffic = Traffic(dut, BLOCKS[dut._name](config()))
    traffic.count()
    return traffic


@leaf_test
async def smoke(dut):
    """Goal: latency of the header. Stimulus: a first beat on every input at once, everything ready.
    Check: the first output beat leaves that many cycles after the first was taken; every output
    is the model's."""
    traffic = await start(dut)
    traffic.legal = True
    first_in = first_out = None
    for now in range(6):
        await traffic.cycle()
        first_in = now if first_in is None and traffic.taken else first_in
        first_out = now if first_out is None and traffic.left else first_out
    assert first_in == 0, "nothing is taken at once"
    assert first_out == traffic.block.latency, f"first beat after {first_out} cycles"
    await traffic.finish(minimum=0)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: function under stalls. Stimulus: random beats and selects (also of lanes that are not
    there), the profile on the inputs crossed with every profile on the outputs, heavy and light.
    Check: every output of every cycle, what is offered stays, every beat comes once where it
    belongs, in order."""
    traffic = await start(dut)
    for out in PROFILES:
        traffic.pause(profile, out)
        for light in (False, True):
            traffic.light = light
            await traffic.run(50)
    await traffic.finish()
    assert traffic.taken >= 10, f"{traffic.taken} beats"


@leaf_test
async def extremes(dut):
    """Goal: capacity. Stimulus: blocked outputs until nothing is taken, then blocked inputs until
    nothing is left, three times; all-ones and zero payload. Check: as many beats are taken as the
    block holds, no more."""
    traffic = await start(dut)
    block = traffic.block
    traffic.dest, traffic.ones, traffic.legal = -1, True, True
    for turn in range(3):
        traffic.count()
        traffic.pause("none", "block")
        await traffic.run(block.capacity + 6)
        assert traffic.taken == block.capacity, f"turn {turn}: {traffic.taken} beats were taken"
        traffic.pause("none", "none")
        await traffic.run(10)
        traffic.pause("block", "none")
        await traffic.run(4 * (block.capacity + block.inputs) + 40)
    await traffic.finish(minimum=0)


@leaf_test
async def throughput(dut):
    """Goal: rate of the header. Stimulus: no pauses, no conflicts; credits returned after each
    number of cycles up to one more than there are. Check: every cycle carries all that it can."""
    traffic = await start(dut)
    block = traffic.block
    traffic.dest, traffic.legal = -1, True
    if block.steer == "return":
        for after in range(1, block.capacity + 2):
            traffic.return_after = after
            await traffic.run(4 * block.capacity + 4)
            traffic.count()
            await traffic.run(6 * (after + 1))
            assert traffic.left == 6 * min(after + 1, block.capacity), f"return after {after}"
        return
    await traffic.run(100)
    assert traffic.left == block.rate * (100 - block.latency), f"{traffic.left} beats"


@leaf_test
async def directed_contention(dut):
    """Goal: fairness. Stimulus: every input offers all the time, all for one output, which stalls
    at random. Check: an input waits for each of the others at most once, and does so; shares are
    equal."""
    traffic = await start(dut)
    block = traffic.block
    for dest in {0, block.outputs - 1}:
        traffic.dest = dest
        for out in ("none", "random"):
            traffic.pause("block", "none")
            await traffic.run(3 * block.inputs + 3)
            traffic.count()
            traffic.pause("none", out)
            await traffic.run(8 * block.inputs + 20)
            if block.most_waits is not None:
                assert traffic.waits == block.most_waits, f"{traffic.waits} rivals went first"
                shares = traffic.taken_by
                assert min(shares) and max(shares) - min(shares) <= 1, f"shares {shares}"
    await traffic.finish(minimum=0)


@leaf_test
async def directed_paths(dut):
    """Goal: what the header says of combinational paths. Stimulus: in 180 cycles of traffic, a bit
    of each input turned over between two edges. Check: the outputs that move are those of the
    table; all of them, if there is more than one lane."""
    traffic = await start(dut)
    traffic.legal = True
    moved = set()
    for into, out in (("none", "none"), ("random", "random"), ("random", "none")):
        traffic.pause(into, out)
        traffic.light = (into, out) == ("random", "none")
        for _ in range(60):
            moved |= await traffic.probe()
    stated = traffic.block.paths
    assert moved <= stated, f"paths that are not stated: {sorted(moved - stated)}"
    assert SINGLE or moved == stated, f"paths that are not there: {sorted(stated - moved)}"


@leaf_test
async def directed_clear(dut):
    """Goal: clr_i. Stimulus: 40 clears in traffic, beats withdrawn after each. Check: nothing old
    comes out, what waited is forgotten, it works on."""
    traffic = await start(dut)
    for profile in ("none", "random"):
        traffic.pause(profile, "random")
        for _ in range(20):
            await traffic.run(int(traffic.draw.integers(1, 9)))
            await traffic.cycle(clear=True)
    await traffic.run(20)
    await traffic.finish(minimum=0)
    assert traffic.left >= 10, f"{traffic.left} beats"


@leaf_test
async def reset_mid(dut):
    """Goal: reset in any state. Stimulus: resets in traffic, blocked outputs in the last, beats in
    the first cycle behind each. Check: nothing old comes out, and it works on."""
    traffic = await start(dut)
    for out in ("random", "none", "block", "random", "none", "block"):
        traffic.pause("none", out)
        await traffic.run(12)
        await traffic.reset()
    traffic.pause("random", "random")
    await traffic.run(60)
    await traffic.finish(minimum=0)
