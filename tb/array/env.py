"""The arrays' part of the socket environment: configuration, identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from models.array.cycles import CHECKS, FIRST_RESULT
from models.array.packets import Mode
from tb.array.stimulus import Maker, field
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.items import Job

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "stall_input", "stall_sync")


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    wrong = []

    def same(what: str, found: int, expected: int) -> None:
        if found != expected:
            wrong.append(f"{what}: {found}, expected {expected}")

    item, config = job.passes[index], job.config
    mode = field(item, "MODE")
    compute = counters["cycles_compute"]
    same("slots", sum(counters[name] for name in SLOTS), counters["mac_slots"])
    same("mac_slots", counters["mac_slots"], compute * config.multipliers)
    phases = ("cycles_wgt", "cycles_act", "cycles_compute", "cycles_output")
    same("cycles beside the phases", counters["cycles"] - sum(counters[n] for n in phases), CHECKS)
    for name, bit in (("wgt", Mode.LOAD_WGT), ("act", Mode.LOAD_ACT), ("output", Mode.OUTPUT)):
        if not mode & bit:
            same(f"cycles_{name} of a pass without it", counters[f"cycles_{name}"], 0)
    if mode & Mode.OUTPUT:
        words = item.out_words + FIRST_RESULT + counters["stall_output"]
        same("cycles_output", counters["cycles_output"], words)
    return wrong


class ArrayTest(SocketTest):
    """Base of the top-level tests of a design around the array."""

    identities = staticmethod(identities)
    maker_class: ClassVar[type[Maker]]
