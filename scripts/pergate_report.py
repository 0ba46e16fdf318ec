"""The page of ``make pergate``: ``pergate.json`` to ``pergate.html`` and ``pergate.png``.

``python -m scripts.pergate_report [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from scripts.report import Picture, environment, links
from scripts.report_plots import INK, svg

PAGE = "pergate.html"
Data = Mapping[str, Any]
MEASURES = {
    "equal": "equal clock, logic only",
    "scaled": "clock scaled by logic depth",
    "memory": "equal clock, memory priced",
}
#: (title, builds above, builds below): ratio of the best of each
PAIRS = (
    ("EIE / dense", ("EIE",), ("dense",)),
    ("S.-on-Dense / dense", ("Sparse-on-Dense",), ("dense",)),
    ("EIE / S.-on-Dense", ("EIE",), ("Sparse-on-Dense",)),
)
LIMIT = 4.0  # powers of two that the colours span


def ratios(
    data: Data, layer: str, measure: str, above: Sequence[str], below: Sequence[str]
) -> np.ndarray:
    """Throughput per gate of the best build above over the best below: [weights, activations]."""
    densities = data["densities"]
    best = {}
    for one in data["points"]:
        if one["layer"] != layer:
            continue
        for side, names in (("above", above), ("below", below)):
            if one["build"].startswith(tuple(names)):
                key = side, one["weight_density"], one["activation_density"]
                best[key] = max(best.get(key, 0.0), one[measure])
    return np.array(
        [[best["above", w, a] / best["below", w, a] for a in densities] for w in densities]
    )


def figure_of(data: Data, layer: str) -> Figure:
    """Maps of the ratios: one row per way of counting, one column per pair."""
    densities = data["densities"]
    figure, axes = plt.subplots(
        len(MEASURES), len(PAIRS), figsize=(9.2, 9.4), squeeze=False, sharex=True, sharey=True
    )
    at = np.arange(len(densities))
    ticks = [f"{100 * one:g}" for one in densities]
    image = None
    for row, (measure, text) in enumerate(MEASURES.items()):
        for col, (title, above, below) in enumerate(PAIRS):
            axis = axes[row, col]
            found = ratios(data, layer, measure, above, below)
            logs = np.log2(found)
            norm = TwoSlopeNorm(0, -LIMIT, LIMIT)
            image = axis.imshow(logs, origin="lower", cmap="RdBu", norm=norm, aspect="auto")
            if logs.min() < 0 < logs.max():
                axis.contour(at, at, logs, levels=[0], colors=[INK], linewidths=2)
            for y, x in np.ndindex(found.shape):
                ink = "white" if abs(logs[y, x]) > 0.6 * LIMIT else INK
                text_of = f"{found[y, x]:.0f}" if found[y, x] >= 9.5 else f"{found[y, x]:.2g}"
                axis.text(x, y, text_of, ha="center", va="center", color=ink,
                          fontsize=8)  # fmt: skip
            axis.set_xticks(at, ticks)
            axis.set_yticks(at, ticks)
            axis.grid(visible=False)
            axis.set_title(title if row == 0 else "")
            if col == 0:
                axis.set_ylabel(f"{text}\nweight density, %")
            if row == len(MEASURES) - 1:
                axis.set_xlabel("activation density, %")
    figure.colorbar(image, ax=axes, shrink=0.4, label="power of two; blue: the first is better")
    return figure


def pictures(data: Data) -> list[Picture]:
    """One per layer."""
    text = (
        "Ratio of useful multiplies per second and gate; of several builds of a design the best "
        "counts. Black line: break-even."
    )
    layers = list(dict.fromkeys(one["layer"] for one in data["points"]))
    return [
        Picture(layer, text, svg(figure_of(data, layer), f"throughput_per_gate_{at}"))
        for at, layer in enumerate(layers)
    ]


def best_advantage(data: Data, measure: str = "equal") -> tuple[float, str]:
    """Largest advantage of Sparse-on-Dense over EIE on the grid, and where."""
    found = (0.0, "")
    for layer in dict.fromkeys(one["layer"] for one in data["points"]):
        table = 1 / ratios(data, layer, measure, ("EIE",), ("Sparse-on-Dense",))
        y, x = np.unravel_index(int(table.argmax()), table.shape)
        where = (
            f"{layer}, weights {100 * data['densities'][y]:g} %, "
            f"activations {100 * data['densities'][x]:g} %"
        )
        found = max(found, (float(table[y, x]), where))
    return found


def write_report(folder: Path) -> Path:
    """Make the page and the picture in ``folder``."""
    data = json.loads((folder / "pergate.json").read_text(encoding="utf-8"))
    first = data["points"][0]["layer"]
    figure = figure_of(data, first)
    figure.suptitle(f"Useful multiplies per second and gate: {first}", x=0.01, ha="left")
    figure.savefig(folder / "pergate.png", dpi=110, metadata={"Software": None})
    plt.close(figure)
    advantage, where = best_advantage(data)
    html = (
        environment()
        .get_template("pergate.html.j2")
        .render(
            title="What a gate buys",
            subtitle="useful multiplies per second and gate, over density",
            links=links(folder, PAGE),
            silicon=data["silicon"],
            overhead=data.get("overhead", []),
            bit_price=data["bit_price"],
            advantage=advantage,
            where=where,
            pictures=pictures(data),
        )
    )
    target = folder / PAGE
    target.write_text(html, encoding="utf-8")
    return target


if __name__ == "__main__":
    print(write_report(Path(sys.argv[1] if len(sys.argv) > 1 else "build/report")))
