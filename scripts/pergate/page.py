"""The page of ``make pergate``: ``pergate.json`` to ``pergate.html`` and ``pergate.png``.

``python -m scripts.pergate.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from models import registry
from models.places import ROOT
from scripts.pages.again import again
from scripts.pages.figure import INK, subplots, svg
from scripts.pages.frame import Picture, written

PAGE = "pergate.html"
#: Small tops put together and in one netlist, of the last ``make area AREA_ARGS=--docs``.
FLAT = ROOT / "docs" / "area.json"
Data = Mapping[str, Any]
MEASURES = {
    "equal": "equal clock, logic only",
    "scaled": "clock scaled by the longest path",
    "memory": "equal clock, memory priced",
}
LIMIT = 4.0  # powers of two that the colours span
PAPER_SHARE = 0.02  # decompression, of area


def labels_of(data: Data, design: str) -> list[str]:
    """Labels of the builds of a design."""
    return [label for label, one in data["silicon"].items() if one["design"] == design]


def pairs_of(data: Data) -> list[tuple[str, str]]:
    """Designs that have a map (above, below), in the order in which those below are first named."""
    there = list(dict.fromkeys(one["design"] for one in data["silicon"].values()))
    found = [
        (name, other)
        for name in there
        for other in registry.design(name).per_gate.versus
        if other in there and other != name
    ]
    order = list(dict.fromkeys(below for _, below in found))
    return sorted(found, key=lambda pair: order.index(pair[1]))


def ratios(
    data: Data, layer: str, measure: str, above: Sequence[str], below: Sequence[str]
) -> np.ndarray:
    """Throughput per gate of the best build above over the best below: [weights, activations].

    ``above`` and ``below`` are labels of builds. NaN where those below do nothing useful: two
    non-zeros may never meet in a layer that has hardly any.
    """
    densities = data["densities"]
    best: dict[tuple[str, float, float], float] = {}
    for one in data["points"]:
        if one["layer"] != layer:
            continue
        for side, names in (("above", above), ("below", below)):
            if one["build"] in names:
                key = side, one["weight_density"], one["activation_density"]
                best[key] = max(best.get(key, 0.0), one[measure])

    def ratio(weight: float, activation: float) -> float:
        under = best["below", weight, activation]
        return best["above", weight, activation] / under if under else math.nan

    return np.array([[ratio(w, a) for a in densities] for w in densities])


def figure_of(data: Data, layer: str) -> Figure:
    """Maps of the ratios: one row per way of counting, one column per pair."""
    densities = data["densities"]
    pairs = pairs_of(data)
    width = max(9.2, 3.1 * len(pairs))
    figure, axes = subplots(width, 9.4, len(MEASURES), len(pairs), sharex=True, sharey=True)
    at = np.arange(len(densities))
    ticks = [f"{100 * one:g}" for one in densities]
    image = None
    for row, (measure, text) in enumerate(MEASURES.items()):
        for col, (above, below) in enumerate(pairs):
            axis = axes[row, col]
            found = ratios(data, layer, measure, labels_of(data, above), labels_of(data, below))
            logs = np.log2(found)
            known = logs[~np.isnan(logs)]
            norm = TwoSlopeNorm(0, -LIMIT, LIMIT)
            image = axis.imshow(logs, origin="lower", cmap="RdBu", norm=norm, aspect="auto")
            if known.size and known.min() < 0 < known.max() and min(logs.shape) > 1:
                axis.contour(at, at, logs, levels=[0], colors=[INK], linewidths=2)
            for y, x in np.ndindex(found.shape):
                ink = "white" if abs(logs[y, x]) > 0.6 * LIMIT else INK
                axis.text(x, y, ratio_text(float(found[y, x])), ha="center", va="center", color=ink,
                          fontsize=8)  # fmt: skip
            axis.set_xticks(at, ticks)
            axis.set_yticks(at, ticks)
            axis.grid(visible=False)
            title = " / ".join(registry.design(one).short for one in (above, below))
            axis.set_title(title if row == 0 else "")
            if col == 0:
                axis.set_ylabel(f"{text}\nweight density, %")
            if row == len(MEASURES) - 1:
                axis.set_xlabel("activation density, %")
    assert image is not None, "there are pairs of designs"
    figure.colorbar(image, ax=axes, shrink=0.4, label="power of two; blue: the first is better")
    return figure


def ratio_text(ratio: float) -> str:
    """Two digits, a dash for a gap.

    >>> [ratio_text(one) for one in (0.123, 1.25, 12.5, math.nan)]
    ['0.12', '1.2', '12', '-']
    """
    if math.isnan(ratio):
        return "-"
    return f"{ratio:.0f}" if ratio >= 9.5 else f"{ratio:.2g}"


def pictures(data: Data) -> list[Picture]:
    """One per layer."""
    text = (
        "Ratio of useful multiplies per second and gate; of several builds of a design the best "
        "counts. Black line: break-even. A dash: no two non-zeros met."
    )
    layers = list(dict.fromkeys(one["layer"] for one in data["points"]))
    return [
        Picture(layer, text, svg(figure_of(data, layer), f"throughput_per_gate_{at}"))
        for at, layer in enumerate(layers)
    ]


def best_advantage(data: Data, measure: str, design: str, build: str) -> tuple[float, str]:
    """Largest advantage of a design over a build of another one on the grid, and where.

    NaN and no place when no point has one.
    """
    found = (math.nan, "")
    ours = labels_of(data, design)
    for layer in dict.fromkeys(one["layer"] for one in data["points"]):
        table = ratios(data, layer, measure, ours, [build])
        for y, x in np.argwhere(~np.isnan(table)):
            if not table[y, x] <= found[0]:
                where = (
                    f"{layer}, weights {100 * data['densities'][y]:g} %, "
                    f"activations {100 * data['densities'][x]:g} %"
                )
                found = (float(table[y, x]), where)
    return found


@dataclass(frozen=True)
class Claim:
    """An advantage that a paper claims, beside what is found here.

    below, above  titles of the designs; builds: of the one below
    rows          text of a measure and, for each build, the advantage and where it is
    text          what to think of the paper's figure
    """

    below: str
    above: str
    builds: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]
    text: str


def claims_of(data: Data) -> list[Claim]:
    """Those of the designs that are there."""
    there = list(dict.fromkeys(one["design"] for one in data["silicon"].values()))
    designs = [registry.design(name) for name in there]
    return [
        Claim(
            registry.design(below).title,
            one.title,
            labels_of(data, below),
            advantages(data, one.name, below),
            one.per_gate.claim,
        )
        for one in designs
        for below in one.per_gate.claims
        if below in there
    ]


def advantages(data: Data, above: str, below: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """A row per measure: its text and, for each build below, the advantage and where it is."""
    rows = []
    for measure, text in MEASURES.items():
        cells = []
        for label in labels_of(data, below):
            most, where = best_advantage(data, measure, above, label)
            cells.append(("-" if math.isnan(most) else f"{most:.1f}", where))
        rows.append((text, cells))
    return rows


def for_docs(data: Data) -> dict[str, Any]:
    """What is committed: what units cost, and the largest advantage over each build of the designs
    that a paper, or we, hold a design against; ``ratio`` None where there is none.
    """
    there = dict.fromkeys(one["design"] for one in data["silicon"].values())
    pairs = [
        (above, below)
        for above in there
        for below in there
        if registry.design(above).per_gate.claims and below != above
    ]
    made = []
    for above, below in pairs:
        for build in labels_of(data, below):
            for measure in MEASURES:
                most, where = best_advantage(data, measure, above, build)
                found = {"above": above, "below": below, "build": build, "measure": measure}
                found |= {"ratio": None if math.isnan(most) else round(most, 6), "where": where}
                made.append(found)
    return {"overhead": data["overhead"], "silicon": data["silicon"], "advantages": made}


def side(units: Data, share: float = PAPER_SHARE) -> int:
    """From which side of a square array on these units are at most ``share`` of it.

    Their gates are taken as they are at this size, those of the array as growing with its square.

    >>> side({"size": 16, "gates": 40, "array": 256})
    45
    """
    each = units["array"] / units["size"] ** 2
    return math.ceil(math.sqrt(units["gates"] / share / each))


def why(overhead: Sequence[Data]) -> list[str]:
    """What the units cost, from the netlist: sentences beside the paper's 2 %."""
    if not overhead:
        return []
    sizes = sorted({one["size"] for one in overhead})
    low, high = sizes[0], sizes[-1]
    kinds: dict[tuple[Any, ...], dict[int, Data]] = {}
    for one in overhead:
        kinds.setdefault((one["format"], one["units"], one["lanes"]), {})[one["size"]] = one
    each = [
        f"{kind} ({units} x {lanes}) {made[low]['gates'] / units:,.0f} and "
        f"{made[high]['gates'] / units:,.0f}"
        for (kind, units, lanes), made in kinds.items()
    ]
    most = max(made[high]["gates"] / made[low]["gates"] for made in kinds.values())
    arrays = [next(one["array"] for one in overhead if one["size"] == size) for size in sizes]
    met = [
        f"{one['format']} ({one['units']} x {one['lanes']}) at {one['size']} x {one['size']}"
        for one in overhead
        if one["of_array"] <= PAPER_SHARE
    ]
    from_on = [
        f"{kind} ({units} x {lanes}) from {side(made[high])} x {side(made[high])}"
        for (kind, units, lanes), made in kinds.items()
    ]
    return [
        f"The gates of a unit hardly depend on the size of the array, which grows with its square: "
        f"from {low} x {low} to {high} x {high} a unit grows to at most {most:.1f} times, "
        f"the array to {arrays[-1] / arrays[0]:.1f} times ({arrays[0]:,.0f} to {arrays[-1]:,.0f}). "
        f"Gates of one unit at either size, units x lanes in brackets: {'; '.join(each)}.",
        f"At most 2 % of the array: {'; '.join(met) if met else 'none of these'}.",
        f"With their gates at {high} x {high} the units stay within 2 % of square arrays so: "
        f"{'; '.join(from_on)}. Below that they cannot: what a unit needs hardly depends "
        f"on what it feeds.",
    ]


def notes_of(data: Data) -> dict[str, list[str]]:
    """What the designs that are there say of their builds, and of what their memories hold."""
    there = dict.fromkeys(one["design"] for one in data["silicon"].values())
    parts = [registry.design(name).per_gate for name in there]
    return {
        "builds": [one.note for one in parts if one.note],
        "memory": [one.memory for one in parts],
    }


def flat_paths(path: Path = FLAT) -> list[str]:
    """What putting together does to paths: "dense 4x4_8bit 70 against 52 FO4" and so on."""
    return [
        f"{one['design']} {one['config']} {one['composed']['fo4']:.0f} against "
        f"{one['flat']['fo4']:.0f} FO4"
        for one in json.loads(path.read_text(encoding="utf-8"))["flat"]
    ]


def write_report(folder: Path, data: Data) -> Path:
    """Make the page and the picture in ``folder``."""
    first = data["points"][0]["layer"]
    figure = figure_of(data, first)
    figure.suptitle(f"Useful multiplies per second and gate: {first}", x=0.01, ha="left")
    figure.savefig(folder / "pergate.png", dpi=110, metadata={"Software": None})
    return written(
        folder / PAGE,
        "pergate.html.j2",
        title="What a gate buys",
        subtitle="useful multiplies per second and gate, over density",
        silicon=data["silicon"],
        overhead=data["overhead"],
        why=why(data["overhead"]),
        flat=flat_paths(),
        bit_price=data["bit_price"],
        notes=notes_of(data),
        claims=claims_of(data),
        pictures=pictures(data),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "pergate.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
