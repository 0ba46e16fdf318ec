"""Pictures of SCNN's studies. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scripts.bench.networks.scnn.cases import VARIANTS
from scripts.pages.figure import ACCENT, BAD, GOOD, INK, MUTED, subplots

Record = Mapping[str, Any]
#: Colours of the bars.
COLOURS = {
    ("plain", "iid"): "#9fb3c8", ("plain", "clustered"): "#5f7f9f",
    ("tuned", "iid"): "#79b79d", ("tuned", "clustered"): GOOD,
}  # fmt: skip


def crossbar(points: Sequence[Record]) -> Figure:
    """Slow-down of each crossbar on each layer, a row each."""
    names = list(points[0]["slower"])
    figure, axes = subplots(9.2, 0.9 + 0.3 * len(points))
    axis = axes[0, 0]
    colours = (ACCENT, GOOD, "#e0a030", "#7b6fb0", BAD)
    at = np.arange(len(points))
    for name, colour, marker in zip(names, colours, "osD^v", strict=False):
        axis.plot([one["slower"][name] for one in points], at, marker, color=colour, label=name,
                  ms=6, alpha=0.85)  # fmt: skip
    axis.set_yticks(at, [one["crossbar"] for one in points])
    axis.tick_params(axis="y", length=0, labelcolor=INK)
    axis.invert_yaxis()
    axis.set_xlabel("cycles over those of the widest crossbar")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=5)
    return figure


def density(points: Sequence[Record]) -> Figure:
    """Speed-up against density, both axes logarithmic, the paper's points beside."""
    figure, axes = subplots(9.2, 3.6)
    axis = axes[0, 0]
    at = [one["density"] for one in points]
    axis.plot(at, [one["speedup"] for one in points], "o-", color=GOOD, label="over DCNN")
    known = [one for one in points if one["paper"]]
    axis.plot([one["density"] for one in known], [one["paper"] for one in known], "D", color=BAD,
              label="paper", ms=6)  # fmt: skip
    axis.axhline(1, color=MUTED, lw=1, ls=":")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(at, [f"{one:g}" for one in at])
    axis.minorticks_off()
    ticks = (0.5, 1, 2, 5, 10, 20)
    axis.set_yticks(ticks, [f"{one:g}" for one in ticks])
    axis.invert_xaxis()
    axis.set_xlabel("density of weights and of activations")
    axis.set_ylabel("speed-up")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def merging(points: Sequence[Record]) -> Figure:
    """References per product, and bank stalls with and without merging."""
    layers = list(dict.fromkeys(one["layer"] for one in points))
    grains = list(dict.fromkeys(one["granularity"] for one in points))
    found = {(one["layer"], one["granularity"]): one for one in points}
    figure, axes = subplots(9.2, 3.2, 1, 2)
    width = 0.8 / len(grains)
    for at, (grain, colour) in enumerate(zip(grains, (MUTED, ACCENT, GOOD), strict=False)):
        place = np.arange(len(layers)) - 0.4 + (at + 0.5) * width
        some = [found[layer, grain] for layer in layers]
        values = {key: [100 * one[key] for one in some] for key in ("share", "bank_on", "bank_off")}
        axes[0, 0].bar(place, values["share"], width * 0.9, color=colour, label=grain)
        axes[0, 1].bar(place, values["bank_on"], width * 0.9, color=colour)
        axes[0, 1].plot(place, values["bank_off"], "_", color=BAD, ms=9, mew=2,
                        label="without MERGE" if at == 0 else None)  # fmt: skip
    for axis, title in zip(axes[0], ("references, % of products", "bank stalls, % of slots"),
                           strict=True):  # fmt: skip
        axis.set_xticks(range(len(layers)), layers)
        axis.set_title(title)
        axis.grid(axis="x", visible=False)
    handles = [
        *axes[0, 0].get_legend_handles_labels()[0],
        *axes[0, 1].get_legend_handles_labels()[0],
    ]
    labels = [
        *axes[0, 0].get_legend_handles_labels()[1],
        *axes[0, 1].get_legend_handles_labels()[1],
    ]
    figure.legend(handles, labels, loc="outside upper left", ncols=4)
    return figure


def late(points: Sequence[Record]) -> Figure:
    """Use of the multipliers of the last 1 x 1 layers."""
    layers = list(dict.fromkeys(one["layer"] for one in points))
    variants = list(dict.fromkeys(one["variant"] for one in points))
    found = {(one["layer"], one["variant"]): one["utilisation"] for one in points}
    figure, axes = subplots(9.2, 2.8)
    axis = axes[0, 0]
    width = 0.8 / len(variants)
    for at, variant in enumerate(variants):
        place = np.arange(len(layers)) - 0.4 + (at + 0.5) * width
        axis.bar(place, [100 * found.get((layer, variant), 0) for layer in layers], width * 0.92,
                 color=COLOURS[variant, "clustered"], label=VARIANTS[variant])  # fmt: skip
    axis.axhline(20, color=INK, lw=1, ls=":", label="paper: below 20 %")
    axis.set_xticks(range(len(layers)), layers, rotation=20, ha="right")
    axis.grid(axis="x", visible=False)
    axis.set_ylabel("multipliers used, %")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure
