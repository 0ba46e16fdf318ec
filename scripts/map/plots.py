"""Pictures of the map, and of dense against sparse PEs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from models import registry
from models.workloads.structures import STRUCTURES
from scripts.map.data import (
    AS_PUBLISHED,
    CLAIMED,
    MEASURES,
    Data,
    break_even,
    dense_over,
    geometric,
    merits,
    rivals,
    title_of,
)
from scripts.map.grid import ACTIVATIONS, KINDS, densities
from scripts.pages.figure import INK, MUTED, design_colour, ink_on, subplots

#: The structure with the fewest densities.
NARROW = "2:4"
AXES = {"area": "throughput per gate", "energy": "work per joule"}


def rows_of(data: Data, kind: str) -> list[tuple[str, float]]:
    """Structures and densities of weights that a kind has in the data, from below."""
    there = {(one["structure"], one["weight_density"]) for one in data["points"]
             if one["kind"] == kind}  # fmt: skip
    return [
        (structure, weight)
        for structure in STRUCTURES
        for weight in densities(structure, kind)
        if (structure, weight) in there
    ]


def winners_map(data: Data, measure: str) -> Figure:
    """Who is best: a panel for each kind of layer and structure."""
    kinds = [kind for kind in KINDS if rows_of(data, kind)]
    structures = [one for one in STRUCTURES if any(one == s for k in kinds
                                                   for s, _ in rows_of(data, k))]  # fmt: skip
    figure, axes = subplots(
        2.5 * len(structures) + 1.2, 1.75 * len(kinds) + 1.3, len(kinds), len(structures)
    )
    found, even = merits(data, measure), break_even(data, measure)
    seen: set[str] = set()
    titled: set[str] = set()
    for row, kind in enumerate(kinds):
        for col, structure in enumerate(structures):
            axis = axes[row, col]
            weights = [weight for one, weight in rows_of(data, kind) if one == structure]
            if not weights:
                axis.set_axis_off()
                continue
            seen |= _panel(axis, (kind, structure), weights, found, even)
            if structure not in titled:
                axis.set_title(structure, fontsize=10)
                titled.add(structure)
            if col == 0:
                axis.set_ylabel(f"{kind}\nweights, %", fontsize=9)
            below = [one for one in kinds[row + 1 :] if structure in dict(rows_of(data, one))]
            axis.set_xlabel("" if below else "activations, %", fontsize=9)
    handles: list[Any] = [
        Patch(color=design_colour(one.name), label=one.title)
        for one in registry.every()
        if one.name in seen
    ]
    handles.append(Line2D([], [], color=INK, lw=2.2, label="break-even of dense and sparse PEs"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)
    figure.suptitle(f"Best design: {MEASURES[measure]}", x=0.01, ha="left", fontsize=12)
    return figure


def _panel(
    axis: Axes, panel: tuple[str, str], weights: list[float], found: Any, even: Any
) -> set[str]:
    """One panel: colours of the best, by how much it is ahead of the next, break-even as edges."""
    image = np.ones((len(weights), len(ACTIVATIONS), 3))
    ahead = np.full(image.shape[:2], np.nan)
    seen = set()
    for y, x in np.ndindex(*ahead.shape):
        point = (*panel, weights[y], ACTIVATIONS[x])
        if point not in found:
            continue
        order = sorted(found[point].items(), key=lambda one: -one[1])
        seen.add(order[0][0])
        colour = design_colour(order[0][0])
        image[y, x] = to_rgb(colour)
        ahead[y, x] = even[point]
        margin = order[0][1] / order[1][1] if len(order) > 1 else 1.0
        text = f"{registry.design(order[0][0]).short}  {margin:.1f}"
        axis.text(x, y, text, ha="center", va="center", fontsize=6.5, color=ink_on(colour))
    axis.imshow(image, origin="lower", aspect="auto")
    _edges(axis, ahead)
    axis.set_xticks(range(len(ACTIVATIONS)), [f"{100 * one:g}" for one in ACTIVATIONS], fontsize=8)
    axis.set_yticks(range(len(weights)), [f"{100 * one:g}" for one in weights], fontsize=8)
    axis.grid(visible=False)
    return seen


def _edges(axis: Axes, ahead: Any) -> None:
    """Lines between cells on whose sides dense and sparse PEs win."""
    sparse = ahead > 1
    rows, cols = sparse.shape
    for y in range(rows):
        for x in range(cols):
            if x + 1 < cols and sparse[y, x] != sparse[y, x + 1]:
                axis.plot([x + 0.5] * 2, [y - 0.5, y + 0.5], color=INK, lw=2.2)
            if y + 1 < rows and sparse[y, x] != sparse[y + 1, x]:
                axis.plot([x - 0.5, x + 0.5], [y + 0.5] * 2, color=INK, lw=2.2)


def thesis(data: Data) -> Figure:
    """Best dense PEs over each sparse design: mean over kinds and activations, and the most."""
    figure, axes = subplots(13.0, 7.2, len(CLAIMED), len(STRUCTURES), sharex=True, sharey="row")
    for row, (measure, claimed) in enumerate(CLAIMED.items()):
        for col, structure in enumerate(STRUCTURES):
            axis = axes[row, col]
            for rival in rivals(data):
                _line(axis, data, rival, measure, structure)
            axis.axhline(1, color=INK, lw=1.2)
            published = claimed.high or 1.0
            axis.axhline(published, color=MUTED, lw=1.2, ls="--")
            axis.set_xscale("log")
            axis.set_yscale("log")
            axis.set_xticks([0.05, 0.1, 0.25, 0.5, 1.0], ["5", "10", "25", "50", "100"])
            axis.minorticks_off()
            axis.set_xlim(0.042, 1.2)
            axis.set_title(structure if row == 0 else "")
            if col == 0:
                axis.set_ylabel(f"dense over sparse PEs, logarithmic,\n{AXES[measure]}")
            if structure == NARROW:  # no lines there
                axis.text(0.045, published * 1.06, f"published: up to {published:g}", color=MUTED,
                          fontsize=8, va="bottom")  # fmt: skip
            if row == len(CLAIMED) - 1:
                axis.set_xlabel("weights that stay, %, logarithmic")
    for row in range(len(CLAIMED)):
        ticks = [one for one in (0.03, 0.1, 0.3, 1, 3, 10, 30)
                 if axes[row, 0].get_ylim()[0] <= one <= axes[row, 0].get_ylim()[1]]  # fmt: skip
        axes[row, 0].set_yticks(ticks, [f"{one:g}" for one in ticks])
    handles = [
        Line2D([], [], **_look(rival), label=f"over {title_of(rival)}") for rival in rivals(data)
    ] + [Line2D([], [], color=MUTED, lw=1.2, ls=":", label="at most")]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _look(rival: str) -> dict[str, Any]:
    """Of a line whose colour is like that of others; as published thin, with hollow marks."""
    name = rival.removesuffix(AS_PUBLISHED)
    mark = "osD^vPX"[list(registry.DESIGNS).index(name) % 7]
    look = {"color": design_colour(name), "marker": mark, "ms": 5, "lw": 2}
    return look if name == rival else look | {"lw": 1, "markerfacecolor": "white"}


def _line(axis: Axes, data: Data, rival: str, measure: str, structure: str) -> None:
    by_weight: dict[float, list[float]] = {}
    for (_, one, weight, _), ratio in dense_over(data, rival, measure).items():
        if one == structure:
            by_weight.setdefault(weight, []).append(ratio)
    if not by_weight:
        return
    at = sorted(by_weight)
    means = [geometric(by_weight[weight]) for weight in at]
    axis.plot(at, means, **_look(rival))
    if not rival.endswith(AS_PUBLISHED):
        most = [max(by_weight[weight]) for weight in at]
        axis.plot(at, most, color=design_colour(rival), lw=1.2, ls=":")
