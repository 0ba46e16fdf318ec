"""What every accelerator's counters have in common: each identity that breaks is named."""

from __future__ import annotations

import pytest

from models.program import Pass
from tb.common.stimulus import COMPUTE, LOAD_ACT, LOAD_WGT, OUTPUT
from tb.common.uvm.identities import PHASES, Identities

ACCOUNTS = ("mac_useful", "stall_input")
GOOD = {"cycles": 30, "cycles_wgt": 5, "cycles_act": 4, "cycles_compute": 10, "cycles_output": 3,
        "mac_slots": 40, "mac_useful": 25, "stall_input": 15}  # fmt: skip
ALL = LOAD_WGT | LOAD_ACT | COMPUTE | OUTPUT


def wrong(changes: dict[str, int], mode: int = ALL) -> list[str]:
    """Identities of a pass of four multipliers that do not hold."""
    found = Identities(Pass({0: mode}, None, None, 0, (0, 0, 0, 0)), GOOD | changes)
    found.slots(ACCOUNTS, 4)
    found.same("cycles beside the phases", found.beside, 8)
    found.phases()
    return found.wrong


def test_what_holds_is_not_named() -> None:
    assert wrong({}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mac_useful": 26}, ["slots: 41, expected 40"]),
        ({"mac_slots": 44, "mac_useful": 29}, ["mac_slots: 44, expected 40"]),
        ({"cycles": 31}, ["cycles beside the phases: 9, expected 8"]),
        ({"cycles_wgt": 6}, ["cycles beside the phases: 7, expected 8"]),
    ],
)
def test_what_does_not_hold_is_named(changes: dict[str, int], said: list[str]) -> None:
    assert wrong(changes) == said


@pytest.mark.parametrize("name", PHASES)
def test_a_phase_that_a_pass_has_not_takes_nothing(name: str) -> None:
    assert wrong({}, ALL & ~PHASES[name]) == [
        f"{name} of a pass without it: {GOOD[name]}, expected 0"
    ]
