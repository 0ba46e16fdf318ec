"""Cambricon-SE's part of the socket environment: maker, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

from models.cambricon_se.registers import Mode
from tb.cambricon_se.coverage import CambriconSeCoverage
from tb.cambricon_se.top.stimulus import CambriconSeMaker, field
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.identities import Identities
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import multiplies

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync")
#: Cycles of a pass beside its phases: the check of the geometry.
CHECKS = 37


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    item, config, windows = job.passes[index], job.config, counters["windows"]
    found = Identities(item, counters)
    found.slots(SLOTS, config.multipliers)
    found.same("cycles beside the phases", found.beside, CHECKS)
    found.phases()
    found.same("wgt_reads", counters["wgt_reads"], windows * config.pes * config.code_row)
    found.same("act_reads", counters["act_reads"], windows * config.window)
    found.same("idx_reads", counters["idx_reads"], windows * (1 + config.pes * config.per_pe))
    pes = config.pes if config.per_pe else 1
    taken = counters["mac_useful"] + counters["slot_padding"] + counters["slot_empty"]
    found.same("lanes of vectors", taken, counters["vectors"] * config.lanes * config.pes // pes)
    found.same("words_out", counters["words_out"], item.out_words)
    found.same("words_wgt", counters["words_wgt"], 0 if item.wgt is None else item.wgt.size - 1)
    found.same("words_in", counters["words_in"], 0 if item.act is None else item.act.size - 1)
    beyond = max(0, counters["empty_windows"] - windows)
    found.same("windows without a survivor beyond all", beyond, 0)
    return found.wrong


def pairs(job: Job, sums: Mapping[str, int]) -> list[str]:
    """Useful multiplies of a job, counted from its layers; more where a weight has two codes."""
    expected, found = multiplies(job), sums["mac_useful"]
    narrow = all(one.weights.min() >= -128 and one.weights.max() < 128 for one in job.layers)
    code4 = all(field(item, "MODE") & Mode.CODE4 for item in job.passes)
    if found == expected or (found > expected and not narrow and not code4):
        return []
    return [f"mac_useful {found}, the layers have {expected}"]


class CambriconSeTest(SocketTest):
    """Base of the top-level tests."""

    maker_class = CambriconSeMaker
    maker: CambriconSeMaker
    coverage_class = CambriconSeCoverage
    identities = staticmethod(identities)

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        cfg.totals = pairs
