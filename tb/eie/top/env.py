"""EIE's part of the socket environment: configuration, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

from models.eie.packets import Cfg, Mode
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.items import Job
from tb.eie.coverage import EieCoverage
from tb.eie.top.stimulus import Maker

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input")


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    wrong = []

    def same(what: str, found: int, expected: int) -> None:
        if found != expected:
            wrong.append(f"{what}: {found}, expected {expected}")

    item, config = job.passes[index], job.config
    mode = item.cfg[int(Cfg.MODE)]
    compute = counters["cycles_compute"]
    same("slots", sum(counters[name] for name in SLOTS), counters["mac_slots"])
    same("mac_slots", counters["mac_slots"], compute * config.num_pe)
    same("other stalls", counters["stall_sync"] + counters["stall_bank"], 0)
    phases = ("cycles_wgt", "cycles_act", "cycles_compute", "cycles_output")
    spent = sum(counters[name] for name in phases)
    if not 0 <= counters["cycles"] - spent <= 3:
        wrong.append(f"cycles {counters['cycles']}, the phases take {spent}")
    for name, bit in (("wgt", Mode.LOAD_WGT), ("act", Mode.LOAD_ACT), ("output", Mode.OUTPUT)):
        if not mode & bit:
            same(f"cycles_{name} of a pass without it", counters[f"cycles_{name}"], 0)
    if item.act is not None:
        same("act_writes", counters["act_writes"], item.cfg[int(Cfg.IN_LEN)])
    if counters["mac_useful"] > counters["mac_slots"]:
        wrong.append("more multiplies than slots")
    if mode & Mode.SKIP_EMPTY:
        same("slot_empty with SKIP_EMPTY", counters["slot_empty"], 0)
    return wrong


class EieTest(SocketTest):
    """Base of EIE's top-level tests."""

    maker_class, coverage_class = Maker, EieCoverage
    identities = staticmethod(identities)
