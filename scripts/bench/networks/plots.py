"""Pictures of the networks. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from scripts.bench.networks import evaluation
from scripts.pages.figure import BAD, INK, subplots

Record = Mapping[str, Any]


def networks(summary: Sequence[Record]) -> Figure:
    """Bars of speed-up by network; the paper's and the goals as marks."""
    mine = evaluation.of_data({"summary": summary})
    names = list(dict.fromkeys(one["network"] for one in summary))
    kinds = list(dict.fromkeys((one["variant"], one["maps"]) for one in summary))
    figure, axes = subplots(9.2, 3.6)
    axis = axes[0, 0]
    width = 0.8 / len(kinds)
    label: str | None = "goal"
    found = {(one["network"], one["variant"], one["maps"]): one for one in summary}
    for at, (variant, maps) in enumerate(kinds):
        for x, network in enumerate(names):
            one = found.get((network, variant, maps))
            if one is None:
                continue
            left = x - 0.4 + (at + 0.5) * width
            called = mine.variants[variant] + (f", {maps} maps" if len(mine.maps) > 1 else "")
            axis.bar(left, one["speedup"], width * 0.92, color=mine.colours[variant, maps],
                     label=called if x == 0 else None)  # fmt: skip
            axis.text(left, one["speedup"] + 0.04, f"{one['speedup']:.2f}", ha="center",
                      color=INK, fontsize=9)  # fmt: skip
            if one["goal"]:
                ends = [left - width / 2, left + width / 2]
                axis.plot(ends, [one["goal"]] * 2, color=BAD, lw=1.6, label=label)
                label = None
    for x, network in enumerate(names):
        paper = next(one["paper"] for one in summary if one["network"] == network)
        if paper is None:
            continue
        axis.plot([x - 0.45, x + 0.45], [paper] * 2, color=INK, lw=1, ls=":",
                  label="paper" if x == 0 else None)  # fmt: skip
    axis.set_xticks(range(len(names)), [mine.names[name] for name in names])
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    axis.set_ylabel(f"speed-up over {mine.baseline}")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def energy(
    design: str, points: Sequence[Record], causes: Mapping[str, tuple[str, str]], base: str
) -> Figure:
    """Energy on the chip by cause (label, colour) over that of variant ``base``, first maps."""
    mine = evaluation.of(design)
    shown = [one for one in points if one["maps"] == mine.maps[0]]
    figure, axes = subplots(9.2, 0.8 + 0.32 * len(shown))
    axis = axes[0, 0]
    first = {one["network"]: one["chip"] for one in shown if one["variant"] == base}
    names = [f"{mine.names[one['network']]}, {mine.variants[one['variant']]}" for one in shown]
    left = [0.0] * len(shown)
    for cause, (label, colour) in causes.items():
        values = [one["energy_pj"].get(cause, 0) / first[one["network"]] for one in shown]
        axis.barh(names, values, left=left, color=colour, label=label)
        left = [a + b for a, b in zip(left, values, strict=True)]
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="y", length=0, labelcolor=INK)
    axis.set_xlabel(f"energy on the chip over that of {mine.variants[base]}")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=6)
    return figure
