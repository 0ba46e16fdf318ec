"""Cambricon-SE's part of the socket environment: maker, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

from models.cambricon_se.registers import Mode
from tb.cambricon_se.coverage import CambriconSeCoverage
from tb.cambricon_se.top.stimulus import CambriconSeMaker, field
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import multiplies

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync")
#: Cycles of a pass beside its phases: the check of the geometry.
CHECKS = 37
_PHASES = {
    "wgt": Mode.LOAD_WGT,
    "act": Mode.LOAD_ACT,
    "compute": Mode.COMPUTE,
    "output": Mode.OUTPUT,
}


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    wrong = []

    def same(what: str, found: int, expected: int) -> None:
        if found != expected:
            wrong.append(f"{what}: {found}, expected {expected}")

    item, config = job.passes[index], job.config
    mode, windows = field(item, "MODE"), counters["windows"]
    same("slots", sum(counters[name] for name in SLOTS), counters["mac_slots"])
    same("mac_slots", counters["mac_slots"], counters["cycles_compute"] * config.multipliers)
    beside = counters["cycles"] - sum(counters[f"cycles_{name}"] for name in _PHASES)
    same("cycles beside the phases", beside, CHECKS)
    for name, bit in _PHASES.items():
        if not mode & bit:
            same(f"cycles_{name} of a pass without it", counters[f"cycles_{name}"], 0)
    same("wgt_reads", counters["wgt_reads"], windows * config.pes * config.code_row)
    same("act_reads", counters["act_reads"], windows * config.window)
    same("idx_reads", counters["idx_reads"], windows * (1 + config.pes * config.per_pe))
    pes = config.pes if config.per_pe else 1
    taken = counters["mac_useful"] + counters["slot_padding"] + counters["slot_empty"]
    same("lanes of vectors", taken, counters["vectors"] * config.lanes * config.pes // pes)
    same("words_out", counters["words_out"], item.out_words)
    same("words_wgt", counters["words_wgt"], 0 if item.wgt is None else item.wgt.size - 1)
    same("words_in", counters["words_in"], 0 if item.act is None else item.act.size - 1)
    same("windows without a survivor beyond all", max(0, counters["empty_windows"] - windows), 0)
    return wrong


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
