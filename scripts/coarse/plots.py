"""Pictures of coarse-grained compression. The same records give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from models.pruning.block import block_sizes
from models.pruning.gathering import gathered
from scripts.coarse import paper, results
from scripts.coarse.results import Data
from scripts.coarse.shapes import DENSE, NETWORKS, dense_bits
from scripts.coarse.tables import NAMES, NETWORK_NAMES
from scripts.pages.figure import ACCENT, BAD, GOOD, INK, MUTED, subplots
from scripts.train.coarse import PLANS, WAYS
from scripts.train.coarse_study import TOP

Record = dict[str, Any]
COLOURS = dict(zip(WAYS, (ACCENT, GOOD, "#e0a030", "#7b6fb0", BAD), strict=True))
MARKS = dict(zip(WAYS, "osDv^", strict=True))
PARTS = {
    "codes": ("codes", ACCENT),
    "index": ("index", "#e0a030"),
    "books": ("codebooks", GOOD),
    "tables": ("Huffman tables", "#7b6fb0"),
}


def accuracy(data: Data) -> Figure:
    """Accuracy against density, a panel for each network, bars of one standard deviation."""
    figure, axes = subplots(12.0, 4.0, 1, len(PLANS))
    for axis, network in zip(axes[0], PLANS, strict=True):
        top = 100 * results.dense(data, network)["accuracy"]
        for way in WAYS:
            points = results.curve(data, network, way)
            axis.errorbar(
                [100 * one["density"] for one in points],
                [100 * one["accuracy"] for one in points],
                yerr=[100 * one["spread"] for one in points],
                color=COLOURS[way], marker=MARKS[way], markersize=4, linewidth=1.5,
                elinewidth=0.8, capsize=2, label=NAMES[way],
            )  # fmt: skip
        axis.axhline(top, color=MUTED, linewidth=0.8, linestyle=":")
        axis.set_ylim(top - 8, top + 1)
        axis.set_xscale("log")
        ticks = (3, 5, 10, 20, 40, 80)
        axis.set_xticks(ticks, [f"{one:g}" for one in ticks])
        axis.minorticks_off()
        axis.set_xlabel("density, % (logarithmic)")
        axis.set_title(NETWORK_NAMES[network])
    axes[0, 0].set_ylabel("held-out accuracy, %")
    axes[0, -1].legend(loc="lower right", fontsize=8.5)
    return figure


def shuffled_counts(record: Record, cell: int) -> np.ndarray:
    """A map of the same number of marks, dealt at random to the weights of its cells."""
    outputs, inputs = record["shape"]
    counts = np.array(record["counts"])
    marks = np.zeros(outputs * inputs, dtype=np.int64)
    marks[: counts.sum()] = 1
    marks = np.random.default_rng(record["seed"]).permutation(marks).reshape(outputs, inputs)
    rows, cols = np.arange(0, outputs, cell), np.arange(0, inputs, cell)
    made: np.ndarray = np.add.reduceat(np.add.reduceat(marks, rows, axis=0), cols, axis=1)
    return made


def maps(data: Data) -> Figure:
    """Where the largest weights of the largest layers are, and where chance would put them."""
    records, cell = data["maps"], data["cell"]
    figure, axes = subplots(12.0, 5.4, 2, len(records))
    even = int(cell * cell * TOP)
    for column, record in enumerate(records):
        both = (np.array(record["counts"]), shuffled_counts(record, cell))
        for row, (counts, what) in enumerate(zip(both, ("trained", "shuffled"), strict=True)):
            axis = axes[row, column]
            image = axis.imshow(
                counts, cmap="viridis", vmin=0, vmax=4 * even, aspect="auto",
                extent=(0, record["shape"][1], record["shape"][0], 0), interpolation="nearest",
            )  # fmt: skip
            name = f"{NETWORK_NAMES[record['network']]}, {record['layer']}"
            share = 100 * gathered(counts, block_sizes(record["shape"], (cell, cell)))
            axis.set_title(f"{name}: {what}, {share:.1f} %", fontsize=9.5)
            axis.grid(visible=False)
            if row == 1:
                axis.set_xlabel("input")
            if column == 0:
                axis.set_ylabel("output")
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.01, extend="max")
    bar.set_label(f"of the {100 * TOP:g} % largest in {cell}x{cell} weights (even: {even})")
    return figure


def gathering(data: Data) -> Figure:
    """The measure of every layer beside what chance gives."""
    records = results.gathering(data)
    figure, axes = subplots(12.0, 3.8)
    axis = axes[0, 0]
    kinds = {"trained": ACCENT, "rearranged": "#e0a030", "shuffled": MUTED, "untrained": "#c5ced8"}
    wide = 0.8 / len(kinds)
    for place, (kind, colour) in enumerate(kinds.items()):
        at = np.arange(len(records)) + (place - len(kinds) / 2 + 0.5) * wide
        axis.bar(at, [100 * one[kind] for one in records], wide, color=colour, label=kind)
    axis.axhline(100 * TOP, color=INK, linewidth=0.8, linestyle=":")
    names = [f"{NETWORK_NAMES[one['network']]}\n{one['layer']}" for one in records]
    axis.set_xticks(range(len(records)), names, fontsize=8)
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    axis.set_ylabel(f"% of the largest weights\nin the fullest {100 * TOP:g} % of blocks")
    axis.legend(ncols=len(kinds), loc="upper right")
    axis.set_ylim(0, 125 * max(one[kind] for one in records for kind in kinds))
    return figure


def stacked(axis: Any, names: Sequence[str], records: Sequence[Record]) -> np.ndarray:
    """Parts of each record on top of each other, percent of dense; the sums."""
    below = np.zeros(len(records))
    for part, (label, colour) in PARTS.items():
        high = np.array([100 * one[part] / one["whole"] for one in records])
        axis.bar(range(len(records)), high, 0.7, bottom=below, color=colour, label=label)
        below += high
    axis.set_xticks(range(len(records)), names, fontsize=8)
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    return below


def storage(data: Data) -> Figure:
    """What each network stores at equal accuracy, by part."""
    records = results.stored(data)
    figure, axes = subplots(12.0, 3.9, 1, len(PLANS))
    for axis, network in zip(axes[0], PLANS, strict=True):
        mine = [
            one | {"whole": DENSE * one["weights"]} for one in records if one["network"] == network
        ]
        names = [NAMES[one["way"]].replace(", ", ",\n").replace(" ", "\n", 1) for one in mine]
        tops = stacked(axis, names, mine)
        for place, (one, top) in enumerate(zip(mine, tops, strict=True)):
            axis.text(place, top, f"{one['ratio']:.0f}x", ha="center", va="bottom", fontsize=9)
        axis.set_ylim(0, 1.15 * max(tops, default=1.0))
        axis.set_title(NETWORK_NAMES[network])
    axes[0, 0].set_ylabel("stored, % of 32-bit weights")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(PARTS))
    return figure


def papers(records: Sequence[Record]) -> Figure:
    """AlexNet and VGG-16 by part, the papers' ratios as lines."""
    figure, axes = subplots(12.0, 3.9, 1, len(NETWORKS))
    for axis, network in zip(axes[0], NETWORKS, strict=True):
        mine = [
            one | {"whole": dense_bits(network)} for one in records if one["network"] == network
        ]
        names = [
            f"{'single weights' if one['way'] == 'fine' else 'blocks'},\n{one['distribution']}"
            for one in mine
        ]
        tops = stacked(axis, names, mine)
        for place, (one, top) in enumerate(zip(mine, tops, strict=True)):
            axis.text(place, top, f"{one['ratio']:.1f}x", ha="center", va="bottom", fontsize=9)
            level = 100 / one["paper"]
            label = "paper" if not place else None
            axis.plot((place - 0.42, place + 0.42), (level, level), color=BAD, linewidth=2,
                      label=label)  # fmt: skip
            last = one["way"] not in [other["way"] for other in mine[place + 1 :]]
            text = paper.said(network, one["way"], "x") if last else ""
            axis.text(place + 0.44, level, text, color=BAD, va="center", fontsize=8)
        axis.set_ylim(0, 1.15 * max(tops))
        axis.set_title(NETWORK_NAMES[network])
    axes[0, 0].set_ylabel("stored, % of 32-bit weights")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(PARTS) + 1)
    return figure
