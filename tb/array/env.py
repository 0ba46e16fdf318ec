"""The arrays' part of the socket environment: configuration, identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from models.array.cycles import CHECKS, FIRST_RESULT
from models.array.packets import Mode
from tb.array.stimulus import Maker
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.identities import Identities
from tb.common.uvm.items import Job

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "stall_input", "stall_sync")


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    item = job.passes[index]
    found = Identities(item, counters)
    found.slots(SLOTS, job.config.multipliers)
    found.same("cycles beside the phases", found.beside, CHECKS)
    found.phases()
    if found.mode & Mode.OUTPUT:
        words = item.out_words + FIRST_RESULT + counters["stall_output"]
        found.same("cycles_output", counters["cycles_output"], words)
    return found.wrong


class ArrayTest(SocketTest):
    """Base of the top-level tests of a design around the array."""

    identities = staticmethod(identities)
    maker_class: ClassVar[type[Maker]]
