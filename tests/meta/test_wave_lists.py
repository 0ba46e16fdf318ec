"""The lists of signals for waves name what there is: ``tb/<design>/lac_<design>.gtkw``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.places import ROOT

LISTS = sorted(ROOT.glob("tb/*/lac_*.gtkw"))
MODULES = {path.stem: path for path in sorted(ROOT.glob("rtl/*/lac_*.sv"))}


def signals(text: str) -> list[str]:
    """Hierarchical names of a list, without their bits."""
    lines = (line.strip() for line in text.splitlines())
    return [re.sub(r"\[\d+:\d+\]$", "", one) for one in lines if one.startswith("lac_")]


def missing(name: str) -> str:
    """What of a hierarchical name is not in the RTL, "" if all is."""
    module, *parts = name.split(".")
    for part in parts:
        if module not in MODULES:
            return f"module {module}"
        text = re.sub(r"//[^\n]*", "", MODULES[module].read_text(encoding="utf-8"))
        if part.startswith("gen_"):
            if not re.search(rf":\s*{part.partition('[')[0]}\b", text):
                return f"{part} in {module}"
        elif part.startswith("u_"):
            found = re.search(rf"\b(lac_\w+)\s*(?:#\((?:[^;]*?)\)\s*)?{part}\s*\(", text)
            if not found:
                return f"{part} in {module}"
            module = found[1]
        elif not re.search(rf"\b{part}\b", text):
            return f"{part} in {module}"
    return ""


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_signal_of_a_list_is_there(path: Path) -> None:
    names = signals(path.read_text(encoding="utf-8"))
    assert len(names) > 10
    assert [f"{name}: no {gone}" for name in names if (gone := missing(name))] == []


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("lac_dense.u_core.u_engine.u_front.nothing", "nothing in lac_array_front"),
        ("lac_dense.u_core.u_gone.clk_i", "u_gone in lac_dense_core"),
        ("lac_eie.u_core.gen_none[0].u_pe.clk_i", "gen_none[0] in lac_eie_core"),
        ("lac_none.u_core.clk_i", "module lac_none"),
    ],
)
def test_a_name_that_is_not_there_is_said(name: str, gone: str) -> None:
    assert missing(name) == gone
