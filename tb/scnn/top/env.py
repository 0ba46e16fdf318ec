"""SCNN's part of the socket environment: configuration, maker, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.golden import chain
from models.scnn.lowering import lower
from models.scnn.registers import Mode
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.items import Job
from tb.scnn.coverage import ScnnCoverage
from tb.scnn.top.stimulus import ScnnMaker, field

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync", "stall_bank")
#: Cycles of a pass beside its phases and its SWAP: the check of the geometry.
CHECKS = 8


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
    beside = counters["cycles"] - sum(counters[name] for name in phases)
    same("cycles beside the phases", beside, CHECKS + bool(mode & Mode.SWAP))
    for name, bit in (
        ("wgt", Mode.LOAD_WGT),
        ("act", Mode.LOAD_ACT),
        ("compute", Mode.COMPUTE),
        ("output", Mode.OUTPUT),
    ):
        if not mode & bit:
            same(f"cycles_{name} of a pass without it", counters[f"cycles_{name}"], 0)
    same("psum_reads", counters["psum_reads"], counters["mac_useful"] - counters["merged"])
    same("psum_writes", counters["psum_writes"], counters["psum_reads"])
    if not mode & Mode.MERGE:
        same("merged without MERGE", counters["merged"], 0)
    return wrong


def products(job: Job, sums: Mapping[str, int]) -> list[str]:
    """Useful multiplies of a job, counted from its layers: every pair of a weight and an activation
    of a channel, wherever the product belongs."""
    expected = 0
    for layer, _ in chain(job.layers, job.config.act_width):
        low = lower(layer)
        weights = np.count_nonzero(low.weights, axis=(0, 2, 3))
        expected += int((np.count_nonzero(low.acts, axis=(2, 3)) @ weights).sum())
    if sums["mac_useful"] != expected:
        return [f"mac_useful {sums['mac_useful']}, the layers have {expected}"]
    return []


class ScnnTest(SocketTest):
    """Base of the top-level tests."""

    maker_class = ScnnMaker
    maker: ScnnMaker
    coverage_class = ScnnCoverage
    identities = staticmethod(identities)

    def customise(self, cfg: SocketConfig) -> None:
        super().customise(cfg)
        cfg.totals = products
