"""Pictures of the study. The same records give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scripts.granularity import paper
from scripts.granularity.accuracy import curve
from scripts.granularity.counted import total
from scripts.granularity.hardware import UNPRUNED, relative, totals
from scripts.granularity.tables import FIGURES, NAMES
from scripts.pages.figure import INK, MUTED, subplots
from scripts.train.granularity import GRAINS, STUDIED

Record = dict[str, Any]
COLOURS = {
    "fine": "#2f6db5",
    "vector": "#2a7f62",
    "kernel": "#e0a030",
    "filter": "#c0392b",
    "block": "#7b6fb0",
}
MARKS = dict(zip(GRAINS, "osD^v", strict=True))


def accuracy(records: Sequence[Record]) -> Figure:
    """Accuracy against density, a panel for each network, bars of one standard deviation."""
    figure, axes = subplots(10.4, 4.0, 1, len(STUDIED))
    for axis, network in zip(axes[0], STUDIED, strict=True):
        for grain in GRAINS:
            points = curve(records, network, grain)
            axis.errorbar(
                [one["density"] for one in points],
                [100 * one["accuracy"] for one in points],
                yerr=[100 * one["spread"] for one in points],
                color=COLOURS[grain], marker=MARKS[grain], markersize=4, linewidth=1.6,
                elinewidth=0.9, capsize=2, label=NAMES[grain],
            )  # fmt: skip
        top = 100 * points[0]["accuracy"]
        axis.axhline(top, color=MUTED, linewidth=0.8, linestyle=":")
        axis.set_ylim(top - 14, top + 1)
        axis.set_xscale("log")
        ticks = sorted({one["asked"] for one in records if one["network"] == network})
        axis.set_xticks(ticks, [f"{100 * one:g}" for one in ticks])
        axis.minorticks_off()
        axis.set_xlabel("density of the pruned layers, % (logarithmic)")
        axis.set_title(network)
    axes[0, 0].set_ylabel("held-out accuracy, %")
    axes[0, -1].legend(loc="lower right")
    return figure


def storage(records: Sequence[Record]) -> Figure:
    """Storage at equal accuracy: our networks (with fillers), then the paper's."""
    groups: list[tuple[str, dict[str, float]]] = [
        (
            network,
            {r["granularity"]: r["measured"] for r in records if r["network"] == network},
        )
        for network in STUDIED
    ]
    for network, found in paper.STORAGE.items():
        groups.append((f"{network}\n(paper)", {g: v[1] / 100 for g, v in found.items()}))
    figure, axes = subplots(10.4, 3.6)
    axis = axes[0, 0]
    wide = 0.8 / len(GRAINS)
    for place, grain in enumerate(GRAINS):
        at = [i + (place - len(GRAINS) / 2 + 0.5) * wide for i in range(len(groups))]
        high = [100 * found.get(grain, 0.0) for _, found in groups]
        axis.bar(at, high, wide, color=COLOURS[grain], label=NAMES[grain])
        for x, y in zip(at, high, strict=True):
            if y:
                axis.text(x, y + 1, f"{y:.0f}", ha="center", fontsize=7, color=MUTED)
    axis.set_xticks(range(len(groups)), [name for name, _ in groups])
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    axis.set_ylabel("stored, % of dense 8-bit weights")
    axis.legend(ncols=len(GRAINS), loc="upper left", fontsize=8.5)
    axis.set_ylim(0, 100)
    return figure


def references(records: Sequence[Record]) -> Figure:
    """References by both definitions, layer by layer, over the products of fine grains."""
    layers = list(dict.fromkeys(one["layer"] for one in records))
    products = {one["layer"]: one["products"] for one in records if one["granularity"] == "fine"}
    sums = {one["granularity"]: one for one in total(records)}
    figure, axes = subplots(10.4, 3.9, 1, 2, sharey=True)
    at = np.arange(len(layers) + 1)
    for axis, (name, grains, title) in zip(
        axes[0],
        (
            ("d1", ("vector", "block", "kernel"), "D1: distinct outputs of a grain"),
            ("d2", ("fine", "block", "vector", "kernel"), "D2: merging within a step of 4 x 4"),
        ),
        strict=True,
    ):
        for grain in grains:
            mine = {one["layer"]: one for one in records if one["granularity"] == grain}
            some = [
                mine[layer][name] / (products[layer] if name == "d1" else 1) for layer in layers
            ]
            look: dict[str, Any] = {"color": COLOURS[grain], "marker": MARKS[grain]}
            axis.plot(at, [100 * y for y in (*some, sums[grain][name])], label=NAMES[grain],
                      markersize=4, linewidth=1.4, **look)  # fmt: skip
        if name == "d2":
            mine = {one["layer"]: one for one in records if one["granularity"] == "vector"}
            some = [mine[layer]["aligned"] for layer in layers]
            some = [100 * y for y in (*some, sums["vector"]["aligned"])]
            axis.plot(at, some, "--", color=COLOURS["vector"], label="vector, one row a step")
        axis.axvline(len(layers) - 0.5, color=MUTED, linewidth=0.8)
        axis.set_xticks(at, [*layers, "all"], rotation=60, ha="right", fontsize=8)
        axis.set_ylim(0, 105)
        axis.set_title(title)
        axis.legend(fontsize=8.5)
    axes[0, 0].set_ylabel("references, % of products")
    return figure


def hardware(records: Sequence[Record], kind: str) -> Figure:
    """Every figure of every build by granularity, over its unpruned layers."""
    sums = totals(records, kind)
    figure, axes = subplots(10.4, 5.6, 2, 2, sharey=True)
    wide = 0.8 / len(GRAINS)
    for axis, (name, label) in zip(axes.flat, FIGURES.items(), strict=True):
        found = relative(sums, name)
        for place, grain in enumerate(GRAINS):
            at = [i + (place - len(GRAINS) / 2 + 0.5) * wide for i in range(len(found))]
            axis.bar(at, [100 * one[grain] for one in found.values()], wide,
                     color=COLOURS[grain], label=NAMES[grain])  # fmt: skip
        axis.axhline(100, color=MUTED, linewidth=0.8, linestyle=":")
        names = [build.replace(", ", "\n").replace(" 16x16", "\n16x16", 1) for build in found]
        axis.set_xticks(range(len(found)), names, fontsize=8)
        axis.tick_params(axis="x", length=0, labelcolor=INK)
        axis.grid(axis="x", visible=False)
        axis.set_title(label, fontsize=9.5)
        axis.set_ylim(bottom=0)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"% of {UNPRUNED}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(GRAINS))
    return figure
