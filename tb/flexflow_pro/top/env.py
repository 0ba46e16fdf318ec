"""FlexFlow-Pro's part of the socket environment: maker, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

from models.flexflow_pro.registers import Mode
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.identities import Identities
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import multiplies
from tb.flexflow_pro.coverage import FlexflowProCoverage
from tb.flexflow_pro.top.stimulus import FlexflowProMaker

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync", "stall_bank")
#: Cycles of a pass beside its phases: the check of the geometry.
CHECKS = 67


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    config, found = job.config, Identities(job.passes[index], counters)
    found.slots(SLOTS, config.multipliers)
    found.same("cycles beside the phases", found.beside, CHECKS)
    found.phases()
    relaxed = found.mode & Mode.RELAXED
    found.same("wgt_reads", counters["wgt_reads"], counters["mac_useful"])
    found.same("idx_writes", counters["idx_writes"], counters["bus_cells"] * config.rows)
    found.same("act_reads", counters["act_reads"], counters["bus_cells"] * config.mask_word)
    found.same("slot_padding of relaxed PEs", counters["slot_padding"] * bool(relaxed), 0)
    found.same("slot_empty in lock step", counters["slot_empty"] * (not relaxed), 0)
    return found.wrong


def pairs(job: Job, sums: Mapping[str, int]) -> list[str]:
    """Useful multiplies of a job, counted from its layers; more where the last window of a line has
    groups without a pixel, which share neurons with those before."""
    expected, found, outputs = multiplies(job), sums["mac_useful"], job.program.outputs
    whole = outputs.pixels % outputs.groups == 0
    if found == expected or (found > expected and not whole):
        return []
    return [f"mac_useful {found}, the layers have {expected}"]


class FlexflowProTest(SocketTest):
    """Base of the top-level tests."""

    maker_class = FlexflowProMaker
    maker: FlexflowProMaker
    coverage_class = FlexflowProCoverage
    identities = staticmethod(identities)

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        cfg.totals = pairs
