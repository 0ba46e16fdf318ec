"""Break the C driver, one place at a time: its bench must notice.

``LAC_MUTANTS=all`` runs all of them; `make test` the first two.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from models.places import ROOT
from tb.common.sim import simulators
from tb.common.sim.bench import discover
from tb.common.sim.runner import run

ALL = os.environ.get("LAC_MUTANTS", "") == "all"
DRIVER, MMIO = "src/lac_driver.c", "examples/mmio.c"

#: name -> (file of sw/, place, what stands there instead)
MUTANTS = {
    "packet-not-forgotten": (DRIVER, "ctrl |= LAC_CTRL_FORGET;", "ctrl |= 0u;"),
    "leftover-taken": (MMIO, "chip->got = 0; /* the rest", "chip->ended = 1; /* the rest"),
    "no-soft-reset": (DRIVER, "set(io, LAC_CTRL_OFFSET, ctrl);\n", ""),
    "no-acknowledge": (DRIVER, "set(io, LAC_CTRL_OFFSET, LAC_CTRL_IRQ_ACK);", ""),
    "shift-not-written": (
        DRIVER,
        "i < LAC_NUM_CFG; i++) set",
        "i < 6u; i++) set",
    ),
    "interrupt-off": (DRIVER, "LAC_IRQ_EN_OFFSET, 1u", "LAC_IRQ_EN_OFFSET, 0u"),
    "watchdog-not-set": (DRIVER, "if (watchdog != 0) set", "if (watchdog > 9000u) set"),
    "weights-not-waited-for": (
        DRIVER,
        "taken = all_taken(packets, LAC_PACKETS_WGT_SHIFT, wgt) &&",
        "taken = (wgt | 1u) &&",
    ),
    "any-design-will-do": (DRIVER, "PREFIX | design)", "PREFIX | (design & ~3u) | 1u)"),
    "results-not-counted": (DRIVER, "!= pass->out_words) {", "== 0u) {"),
}  # fmt: skip
#: Changes without effect on this chip: the bench must not complain.
HARMLESS = (DRIVER, "/* Wait, read. */", "/* Wait, and read. */")


def tried(name: str, folder: Path, file: str, place: str, other: str) -> bool:
    """Whether the bench passes with a changed copy of ``sw/``."""
    sw = folder / "sw"
    shutil.copytree(ROOT / "sw", sw)
    text = (sw / file).read_text(encoding="utf-8")
    assert text.count(place) == 1, f"{name}: {place!r} occurs {text.count(place)} times in {file}"
    (sw / file).write_text(text.replace(place, other), encoding="utf-8")
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    bench = discover()["eie_driver"]
    result = run(bench, "pe4", "icarus", extra_env={"LAC_SW": str(sw)}, cases=False)
    assert "In function" not in result.report(), "it does not compile"
    return result.passed


@pytest.mark.parametrize("name", list(MUTANTS) if ALL else list(MUTANTS)[:2])
def test_a_fault_of_the_driver_is_noticed(name, tmp_path):
    assert not tried(name, tmp_path, *MUTANTS[name])


@pytest.mark.skipif(not ALL, reason="LAC_MUTANTS=all")
def test_an_unchanged_driver_passes(tmp_path):
    assert tried("harmless", tmp_path, *HARMLESS)


def test_all_places_are_there():
    for name, (file, place, other) in MUTANTS.items():
        assert (ROOT / "sw" / file).read_text().count(place) == 1 and place != other, name
