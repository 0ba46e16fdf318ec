"""lac_fmt_scan against a walk over the slots, one by one."""

from __future__ import annotations

from typing import Any

from tb.common.bfm.block import Pins, config, leaf_test, rng, zero_inputs
from tb.formats.parts import joined

NUM_SLOTS = config().get("NumSlots", 8)
SLOT_WIDTH = config().get("SlotWidth", 8)
NUM_LANES = config().get("NumLanes", 4)
LEVEL_WIDTH = config().get("LevelWidth", 7)
MOST_ROOM = (1 << NUM_SLOTS.bit_length()) - 1  # what room_i can hold
MOST_LEVEL = (1 << LEVEL_WIDTH) - 1


def scan(full: int, level: int, room: int) -> tuple[list[int], list[int]]:
    """Slots taken and those of them kept; ``full`` has a bit per slot that is not zero."""
    taken: list[Any] = []
    kept: list[Any] = []
    for slot in range(min(NUM_SLOTS, room)):
        if (slot + 1) * SLOT_WIDTH > level or len(kept) == NUM_LANES:
            break
        taken.append(slot)
        if full >> slot & 1:
            kept.append(slot)
    return taken, kept


class ScanBench:
    """Inputs, outputs, comparison; ``ends`` has why a step ended."""

    def __init__(self, dut):
        zero_inputs(dut)
        pins = ("full_i", "level_i", "room_i", "taken_o", "kept_o", "num_o", "take_o")
        self.pins = Pins(dut, None, *pins)
        self.ends: set[str] = set()

    async def check(self, full: int, level: int, room: int) -> None:
        """One window."""
        await self.pins.settle(full_i=full, level_i=level, room_i=room)
        taken, kept = scan(full, level, room)
        want = [joined([int(i in slots) for i in range(NUM_SLOTS)], 1) for slots in (taken, kept)]
        want += [len(taken), len(taken) * SLOT_WIDTH]
        got = self.pins.read("taken_o", "kept_o", "num_o", "take_o")
        assert got == want, f"full {full:#x}, level {level}, room {room}: {got}, expected {want}"
        if len(taken) < NUM_SLOTS:
            lanes, more = len(kept) == NUM_LANES, len(taken) == room
            self.ends.add("lanes" if lanes else "room" if more else "level")
        else:
            self.ends.add("all")


@leaf_test
async def smoke(dut):
    """Goal: nothing and everything. Stimulus: no slot and all slots not zero, nothing there and all
    there. Check: slots taken, kept, their number."""
    bench = ScanBench(dut)
    for full in (0, (1 << NUM_SLOTS) - 1):
        for level in (0, NUM_SLOTS * SLOT_WIDTH):
            for room in (0, NUM_SLOTS):
                await bench.check(full, level, room)


@leaf_test
async def extremes(dut):
    """Goal: each end of a step at each slot. Stimulus: every level of the window with all slots and
    with none not zero; every vector of slots with all there; every room, also above the number of
    slots. Check: as in smoke; every reason to end was seen."""
    bench = ScanBench(dut)
    top = (1 << NUM_SLOTS) - 1
    for level in range(MOST_LEVEL + 1):
        for full in (0, top):
            await bench.check(full, level, NUM_SLOTS)
    for full in range(top + 1):
        await bench.check(full, NUM_SLOTS * SLOT_WIDTH, NUM_SLOTS)
    for room in range(MOST_ROOM + 1):
        for full in (0, 1, top):
            await bench.check(full, MOST_LEVEL, room)
    assert bench.ends == {"all", "level", "room"} | ({"lanes"} if NUM_LANES < NUM_SLOTS else set())


@leaf_test
async def random_none(dut):
    """Goal: all three limits together. Stimulus: 400 random windows. Check: as in smoke."""
    bench, draw = ScanBench(dut), rng()
    for _ in range(400):
        slots = [int(draw.random() < 0.6) for _ in range(NUM_SLOTS)]
        level, room = (int(draw.integers(most + 1)) for most in (MOST_LEVEL, MOST_ROOM))
        await bench.check(joined(slots, 1), level, room)
