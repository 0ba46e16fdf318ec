"""Pictures of the reports: bars start at zero, an axis that is logarithmic says so."""

from __future__ import annotations

import gc
import inspect
import weakref
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from scripts.pages.figure import subplots
from scripts.run import plots as report_plots


def misleading(figure: Any) -> list[str]:
    """What a reader could take wrongly: bars cut off at the left or bottom, hidden logarithms."""
    found = []
    shared = " ".join(text.get_text() for text in (figure._supxlabel, figure._supylabel) if text)
    for axes in figure.axes:
        for way, axis, limits in (
            ("x", axes.xaxis, axes.get_xlim),
            ("y", axes.yaxis, axes.get_ylim),
        ):
            said = f"{axis.get_label_text()} {shared} {axes.get_title()}"
            if axis.get_scale() in ("log", "symlog") and "logarithmic" not in said:
                found.append(f"{way} axis {said!r} is logarithmic")
            lengths = [p for p in axes.patches if _length(p, way)]
            if lengths and (min(limits()) > 0 or axis.get_scale() == "log"):
                found.append(f"{way} axis {said!r} of bars does not start at zero")
    return found


def _length(patch: Any, way: str) -> bool:
    """The patch is a bar whose length is read along this axis."""
    if not hasattr(patch, "get_width"):
        return False
    along, at = (
        (patch.get_width(), patch.get_x()) if way == "x" else (patch.get_height(), patch.get_y())
    )
    return along > 0 and at == 0


def record(layer: str, design: str, size: int) -> dict:
    memory = {"reads": size, "writes": size // 3, "bits": 64, "read_bits": 64 * size}
    return {
        "layer": layer, "design": design, "cycles_compute": size, "mac_slots": 10 * size,
        "energy_pj": {"mac": 3.0 * size, "dram": 9.0 * size}, "busy_per_pe": [size, size // 2, 3],
        "memory": {"wgt": memory, "act": memory},
    }  # fmt: skip


RECORDS = [record("fc1", "eie", 214_340), record("fc1", "dense", 900), record("fc1", "x", 31)]


def drawn(monkeypatch: pytest.MonkeyPatch, draw) -> list[str]:
    """Complaints about the figures that a function draws."""
    found: list[str] = []

    def looked_at(figure: Figure, _: Any) -> str:
        found.extend(misleading(figure))
        return "drawn"

    for name in ("svg", "png"):
        monkeypatch.setattr(report_plots, name, looked_at)
    monkeypatch.setattr(report_plots, "weight_bits", lambda one: 7.0 * one["cycles_compute"])
    assert draw() == "drawn"
    return found


POINTS = [
    {"layer": "a", "variant": "plain", "depth": d, "efficiency": 0.7, "source": "rtl"}
    for d in (1, 8)
]
TILES = {
    "share": np.full((4, 6), 0.5), "count": 6, "steps": np.array([1, 4]),
    "patterns": np.array([4, 4, 0, 9]),
}  # fmt: skip
DRAWINGS = {
    "side_by_side": lambda: report_plots.side_by_side({"fc1": RECORDS, "fc2": RECORDS[:1]}),
    "accuracy_bars": lambda: report_plots.accuracy_bars(
        [("dense", 0.981, "red"), ("x", 0.4, "red")]
    ),
    "ratios": lambda: report_plots.ratios(["a", "b"], {"ours": ([0.93, 1.2], "red")}),
    "pe_load": lambda: report_plots.pe_load(RECORDS),
    "memory_bars": lambda: report_plots.memory_bars(RECORDS),
    "tile_maps": lambda: report_plots.tile_maps({"conv1": TILES, "conv2": TILES}, "#336699"),
    "study": lambda: report_plots.study(POINTS, "depth", "depth", "study"),
    "occupancy": lambda: report_plots.occupancy(np.ones((4, 9)), np.arange(9.0), 8),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_misleads(monkeypatch, name):
    assert drawn(monkeypatch, DRAWINGS[name]) == []


def test_every_drawing_is_here():
    drawings = {
        name
        for name, one in inspect.getmembers(report_plots, inspect.isfunction)
        if one.__module__ == report_plots.__name__ and "return svg(" in inspect.getsource(one)
    }
    shares = {"slot_bars", "grid_accounts"}
    assert drawings - set(DRAWINGS) <= shares, "shares of slots: 0 to 100 % by construction"


def test_what_misleads_is_found():
    figure = Figure()
    axes = figure.subplots(1, 2)
    axes[0].bar([1, 2], [3, 4])
    axes[0].set_ylim(2, 5)
    axes[1].plot([1, 10], [1, 10])
    axes[1].set_xscale("log")
    found = misleading(figure)
    assert len(found) == 2
    assert "does not start at zero" in found[0]
    assert "is logarithmic" in found[1]


def test_a_figure_that_nobody_holds_is_gone():
    """pyplot keeps each of its figures until it is closed, and warns beyond 20 of them."""
    figure, _ = subplots(2, 2)
    held = weakref.ref(figure)
    del figure, _
    gc.collect()
    assert held() is None
