"""EIE's part of the socket environment: configuration, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

from models.eie.packets import Cfg, Mode
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.identities import Identities
from tb.common.uvm.items import Job
from tb.eie.coverage import EieCoverage
from tb.eie.top.stimulus import Maker

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input")


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    item = job.passes[index]
    found = Identities(item, counters)
    found.slots(SLOTS, job.config.num_pe)
    found.same("other stalls", counters["stall_sync"] + counters["stall_bank"], 0)
    if not 0 <= found.beside <= 3:
        found.wrong.append(f"cycles {counters['cycles']}, {found.beside} of them of no phase")
    found.phases()
    if item.act is not None:
        found.same("act_writes", counters["act_writes"], item.cfg[int(Cfg.IN_LEN)])
    if counters["mac_useful"] > counters["mac_slots"]:
        found.wrong.append("more multiplies than slots")
    if found.mode & Mode.SKIP_EMPTY:
        found.same("slot_empty with SKIP_EMPTY", counters["slot_empty"], 0)
    return found.wrong


class EieTest(SocketTest):
    """Base of EIE's top-level tests."""

    maker_class, coverage_class = Maker, EieCoverage
    identities = staticmethod(identities)
