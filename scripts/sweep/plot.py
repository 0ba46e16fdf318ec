"""The picture of a sweep: cycles and energy over what is swept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from models import registry
from scripts.pages.figure import subplots

Data = Mapping[str, Any]
FIGURES = {"cycles": "cycles", "energy_uj": "energy, uJ"}
#: Lines that a legend can name.
MOST = 14


def axis_of(data: Data) -> str:
    """What goes along: density where there are several, else the last field with several."""
    rows = data["rows"]
    candidates = ("weight_density", *reversed(data["swept"]), "activation_density")
    for name in candidates:
        seen = {one[name] for one in rows}
        if len(seen) > 1 and all(isinstance(one, int | float) for one in seen):
            return name
    return "weight_density"


def label_of(row: Mapping[str, Any], names: list[str]) -> str:
    """What is the same along a line."""
    return ", ".join(f"{name}={row[name]:g}" if isinstance(row[name], float) else
                     f"{name}={row[name]}" for name in names)  # fmt: skip


def figure_of(data: Data) -> Figure:
    """A line for each combination of what does not go along; the first ``MOST`` have a name."""
    along = axis_of(data)
    rows = [one for one in data["rows"] if not one["reason"]]
    others = [name for name in (*data["swept"], "weight_density", "activation_density")
              if name != along and len({one[name] for one in rows}) > 1]  # fmt: skip
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault(label_of(row, others), []).append(row)
    figure, axes = subplots(11.5, 4.6, 1, len(FIGURES))
    colours = colormaps["viridis"](np.linspace(0.05, 0.88, max(2, len(lines))))
    for axis, (figure_name, title) in zip(axes[0], FIGURES.items(), strict=True):
        for colour, (label, some) in zip(colours, lines.items(), strict=False):
            some = sorted(some, key=lambda one: one[along])
            axis.plot([one[along] for one in some], [one[figure_name] for one in some],
                      marker="o", ms=3.5, color=colour, label=label)  # fmt: skip
        ticks = sorted({one[along] for one in rows})
        if ticks[0] > 0:
            axis.set_xscale("log")
        axis.set_yscale("log")
        for set_formatter in (axis.yaxis.set_major_formatter, axis.yaxis.set_minor_formatter):
            set_formatter(StrMethodFormatter("{x:,g}"))
        axis.tick_params(axis="y", which="both", labelsize=8)
        if len(ticks) <= 12:
            axis.xaxis.set_major_locator(FixedLocator(ticks))
            axis.xaxis.set_minor_locator(NullLocator())
            axis.set_xticklabels([f"{one:g}" for one in ticks], fontsize=8)
        axis.set_xlabel(f"{along.replace('_', ' ')}, logarithmic" if ticks[0] > 0 else along)
        axis.set_title(f"{title}, logarithmic")
    if len(lines) > 1:
        handles, labels = axes[0][0].get_legend_handles_labels()
        more = "" if len(lines) <= MOST else f"{len(lines)} lines, {MOST} named"
        figure.legend(handles[:MOST], labels[:MOST], loc="outside right center", fontsize=8,
                      title=more)  # fmt: skip
    shape = " x ".join(str(one) for one in data["shape"])
    title = registry.design(data["design"]).title
    figure.suptitle(f"{title}: {shape}, {data['structure']}, batch {data['batch']}", x=0.01,
                    ha="left")  # fmt: skip
    return figure
