"""What holds between the counters of any pass, on every accelerator of the socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.program import Pass
from tb.common.stimulus import COMPUTE, LOAD_ACT, LOAD_WGT, OUTPUT

#: Counter of a phase -> its bit of MODE.
PHASES = {
    "cycles_wgt": LOAD_WGT,
    "cycles_act": LOAD_ACT,
    "cycles_compute": COMPUTE,
    "cycles_output": OUTPUT,
}


class Identities:
    """The identities of a pass; ``wrong`` has a line for each that does not hold."""

    def __init__(self, item: Pass, counters: Mapping[str, int]) -> None:
        self.counters, self.mode = counters, item.cfg.get(0, 0)
        self.wrong: list[str] = []

    def same(self, what: str, found: int, expected: int) -> None:
        """Two numbers are one."""
        if found != expected:
            self.wrong.append(f"{what}: {found}, expected {expected}")

    def slots(self, accounts: Sequence[str], multipliers: int) -> None:
        """Every multiplier has a slot in a compute cycle, every slot is of one account."""
        count = self.counters
        self.same("slots", sum(count[name] for name in accounts), count["mac_slots"])
        self.same("mac_slots", count["mac_slots"], count["cycles_compute"] * multipliers)

    @property
    def beside(self) -> int:
        """Cycles of the pass that are of no phase."""
        return self.counters["cycles"] - sum(self.counters[name] for name in PHASES)

    def phases(self) -> None:
        """A phase that the pass has not takes no cycle."""
        for name, bit in PHASES.items():
            if not self.mode & bit:
                self.same(f"{name} of a pass without it", self.counters[name], 0)
