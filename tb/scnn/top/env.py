"""SCNN's part of the socket environment: configuration, maker, counter identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.golden import chain
from models.scnn.lowering import lower
from models.scnn.registers import Mode
from tb.common.uvm.base_test import SocketTest
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.identities import Identities
from tb.common.uvm.items import Job
from tb.scnn.coverage import ScnnCoverage
from tb.scnn.top.stimulus import ScnnMaker

#: Every multiplier slot is one of these.
SLOTS = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync", "stall_bank")
#: Cycles of a pass beside its phases and its SWAP: the check of the geometry.
CHECKS = 8


def identities(job: Job, index: int, counters: Mapping[str, int]) -> list[str]:
    """What must hold between the counters of any pass, whatever the layer."""
    found = Identities(job.passes[index], counters)
    found.slots(SLOTS, job.config.multipliers)
    swaps = bool(found.mode & Mode.SWAP)
    found.same("cycles beside the phases", found.beside, CHECKS + swaps)
    found.phases()
    found.same("psum_reads", counters["psum_reads"], counters["mac_useful"] - counters["merged"])
    found.same("psum_writes", counters["psum_writes"], counters["psum_reads"])
    if not found.mode & Mode.MERGE:
        found.same("merged without MERGE", counters["merged"], 0)
    return found.wrong


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
