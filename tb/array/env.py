"""The arrays' part of the socket environment: configuration, identities, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from models.array.cycles import CHECKS, FIRST_RESULT
from models.array.packets import Mode
from models.design import Design
from tb.array.stimulus import Maker, field
from tb.common.uvm.base_test import SocketTest, snake
from tb.common.uvm.env import SocketConfig
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import useful_multiplies

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
    """Base of the top-level tests of a design around the array.

    design        what it is
    maker_class   makes its jobs; coverage_class: its functional coverage
    """

    design: ClassVar[Design]
    maker_class: ClassVar[type[Maker]]
    coverage_class: ClassVar[type]

    def make_config(self, parameters: dict[str, int]) -> tuple[Any, Any]:
        values = {snake(name): value for name, value in parameters.items()}
        return self.design, self.design.config(**values)

    def customise(self, cfg: SocketConfig) -> None:
        cfg.identities, cfg.totals, cfg.cycles = identities, useful_multiplies, self.design.cycles
        cfg.coverage = self.coverage_class(cfg.config, cfg.pauses, snake(type(self).__name__))
        self.maker = self.maker_class(cfg.rng, cfg.config)
