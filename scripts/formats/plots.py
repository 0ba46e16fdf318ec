"""Pictures of what the formats cost. The same records give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from scripts.formats.best import FAMILIES, cheapest, family_text
from scripts.formats.study import NAMES, PARTS, PREFIX, SHARED, Record
from scripts.pages.figure import INK, MUTED, subplots

#: format -> (short name, colour, white text on it)
STYLE = {
    "dense": ("dense", "#c9d1da", False),
    "bitmap": ("bitmap", "#7fb3e6", False),
    "block bitmap": ("blocks", "#2f6db5", True),
    "run length": ("run", "#f3cf7a", False),
    "run length, best": ("run", "#e0a030", False),
    "CSC relative": ("CSC", "#d98c5f", False),
    "CSR": ("CSR", "#b5562b", True),
    "COO": ("COO", "#8a5a44", True),
    "BSR": ("BSR", "#5b3f8c", True),
    "ELLPACK": ("ELL", "#9a86c4", False),
    "N:4": ("N:4", "#c25b8f", True),
    "periodic": ("periodic", "#2a7f62", True),
    "Huffman": ("Huff.", "#8fc9a8", False),
    "Huffman runs": ("H. run", "#cfe3b4", False),
}
PART_STYLE = {
    "values": ("values", "#2f6db5"),
    "indices": ("indices", "#e0a030"),
    "pointers": ("pointers", "#c25b8f"),
    "tables": ("tables", "#7b6fb0"),
    "padding": ("padding, stored zeros", "#c0392b"),
}


def style(name: str) -> tuple[str, str, bool]:
    """Short name, colour and whether text on it is white; a codebook looks like its inner format.

    >>> style("codebook + CSR")[0]
    'c. CSR'
    """
    short, colour, white = STYLE[name.removeprefix(PREFIX)]
    return (f"c. {short}" if name.startswith(PREFIX) else short), colour, white


def _ordered(records: Sequence[Record], key: str) -> list[Any]:
    return list(dict.fromkeys(one[key] for one in records))


def _density_text(density: float) -> str:
    return f"{100 * density:g} %"


def cheapest_map(
    records: Sequence[Record], shared: int, families: Sequence[str] = tuple(FAMILIES)
) -> Figure:
    """Granularity x density: the cheapest format of each cell and its bits per weight.

    ``records`` of one layer, whose codebooks hold ``shared`` values; one panel for each family.
    """
    grains = _ordered(records, "granularity")
    densities = sorted({one["asked"] for one in records})
    cells: dict[tuple[str, float], list[Record]] = {}
    for one in records:
        cells.setdefault((one["granularity"], one["asked"]), []).append(one)
    height = 0.42 * len(grains) + 0.75
    figure, axes = subplots(10.4, height * len(families), len(families), 1)
    for axis, family in zip(axes[:, 0], families, strict=True):
        colours = np.ones((len(grains), len(densities), 3))
        for (grain, density), mine in cells.items():
            row, col = grains.index(grain), densities.index(density)
            best = cheapest(mine, family)
            colours[row, col] = to_rgb(style(best["format"])[1])
            _cell(axis, col, row, best)
        axis.pcolormesh(colours, edgecolors="white", linewidth=1.5)
        axis.set_xlim(0, len(densities))
        axis.set_ylim(len(grains), 0)
        axis.set_xticks(np.arange(len(densities)) + 0.5, map(_density_text, densities))
        axis.set_yticks(np.arange(len(grains)) + 0.5, grains)
        axis.tick_params(length=0, labelcolor=INK)
        axis.grid(visible=False)
        for side in axis.spines.values():
            side.set_visible(False)
        axis.set_title(family_text(family, shared))
    axes[-1, 0].set_xlabel("density (weights that stay); in the cells: format, bits per weight")
    return figure


def _cell(axis: Axes, col: int, row: int, best: Record) -> None:
    short, _, white = style(best["format"])
    axis.text(col + 0.5, row + 0.34, short, ha="center", va="center", fontsize=7.5,
              color="white" if white else INK)  # fmt: skip
    axis.text(col + 0.5, row + 0.71, f"{best['bits_per_weight']:.2f}", ha="center", va="center",
              fontsize=7.5, color="white" if white else MUTED)  # fmt: skip


def curves(records: Sequence[Record]) -> Figure:
    """Bits per weight against density, one panel for each granularity, formats of one layer."""
    grains = _ordered(records, "granularity")
    cols = 4
    rows = -(-len(grains) // cols)
    figure, axes = subplots(10.4, 2.9 * rows + 1.0, rows, cols, sharex=True, sharey=True)
    for axis in axes.flat[len(grains) :]:
        axis.set_visible(False)
    for axis, grain in zip(axes.flat, grains, strict=False):
        mine = [o for o in records if o["granularity"] == grain and not o["shared"]]
        for name in STYLE:
            some = [o for o in mine if o["format"] == name and o["bits_per_weight"] is not None]
            axis.plot([o["density"] for o in some], [o["bits_per_weight"] for o in some],
                      color=style(name)[1], linewidth=1.6, label=name,
                      linestyle="--" if name.startswith("Huffman") else "-")  # fmt: skip
        width = mine[0]["width"]
        ends = np.array([min(o["density"] for o in mine), max(o["density"] for o in mine)])
        axis.fill_between(ends, ends * width, 1e-3, color="#f0f3f6", linewidth=0)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_ylim(0.03, 4 * width)
        axis.set_xticks([0.01, 0.1, 1], ["1 %", "10 %", "100 %"])
        axis.minorticks_off()
        axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axis.set_title(grain)
    for axis in axes[:, 0]:
        axis.set_ylabel("bits per weight (logarithmic)")
    for axis in axes.flat[max(0, len(grains) - cols) : len(grains)]:
        axis.tick_params(labelbottom=True)
        axis.set_xlabel("density (logarithmic)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=7, fontsize=8.5)
    return figure


def split_bars(columns: Sequence[tuple[str, Sequence[Record]]]) -> Figure:
    """Bits per weight of every format, split into parts; one panel for each of (title, records)."""
    cols = min(4, len(columns))
    rows = -(-len(columns) // cols)
    figure, axes = subplots(10.4, 4.3 * rows + 0.5, rows, cols, sharey=True)
    for axis in axes.flat[len(columns) :]:
        axis.set_visible(False)
    at = np.arange(len(NAMES))
    for axis, (title, records) in zip(axes.flat, columns, strict=False):
        able = {o["format"]: o for o in records if o["bits_per_weight"] is not None}
        left = np.zeros(len(NAMES))
        for part in PARTS:
            label, colour = PART_STYLE[part]
            wide = np.array([able[n][part] / able[n]["weights"] if n in able else 0 for n in NAMES])
            axis.hlines(at, left, left + wide, color=colour, label=label, linewidth=7)
            left += wide
        limit = 1.25 * records[0]["width"]
        for y, name in enumerate(NAMES):
            text = f"{able[name]['bits_per_weight']:.2f}" if name in able else "cannot hold it"
            inside = left[y] > 0.84 * limit
            edge = min(left[y], limit) + 0.015 * limit * (-1 if inside else 1)
            axis.text(edge, y, text, va="center", ha="right" if inside else "left", fontsize=7,
                      color="white" if inside else MUTED)  # fmt: skip
        axis.set_xlim(0, limit)
        axis.axhline(len(NAMES) - len(SHARED) - 0.5, color=MUTED, linewidth=0.6)
        axis.set_yticks(at, NAMES, fontsize=8)
        axis.tick_params(axis="y", length=0, labelcolor=INK)
        axis.grid(axis="y", visible=False)
        axis.set_title(title.replace("\n", ", "), fontsize=9.5)
    axes[0, 0].invert_yaxis()  # for all: they share it
    for axis in axes[-1]:
        axis.set_xlabel("bits per weight")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=5)
    return figure
