"""lac_sps_inside against the comparison it stands for."""

from __future__ import annotations

from tb.common.bfm.block import Pins, config, leaf_test, rng

SIZE, WIDTH = config().get("KernelSize", 7), config().get("PlaceWidth", 21)


async def check(pins: Pins, place: int, size: int) -> None:
    """One place."""
    await pins.settle(place_i=place & (1 << WIDTH) - 1, size_i=size)
    want = sum(1 << d for d in range(SIZE) if 0 <= place + d < size)
    assert pins.read("inside_o") == [want], f"place {place}, size {size}"


@leaf_test
async def directed_all(dut):
    """Goal: every border. Stimulus: places -15 to 40 with sizes 1 to 20. Check: each bit."""
    pins = Pins(dut, None, "place_i", "size_i", "inside_o")
    for size in range(1, 21):
        for place in range(-15, 41):
            await check(pins, place, size)


@leaf_test
async def extremes(dut):
    """Goal: the ends of the fields. Stimulus: places around sizes of 16 bits, and far behind.
    Check: each bit."""
    pins, draw = Pins(dut, None, "place_i", "size_i", "inside_o"), rng()
    top = min(65534 * 15, (1 << (WIDTH - 1)) - 1)
    for size in (1, 32767, 32768, 65520, 65535):
        for place in (*range(size - 18, size + 2), top, *draw.integers(0, top, 20)):
            await check(pins, max(int(place), -15), size)
