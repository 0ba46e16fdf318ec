"""Pictures of FlexFlow-Pro's evaluation. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from matplotlib.figure import Figure

from models.workloads.flexflow_pro import DESIGN
from scripts.bench.networks import plots
from scripts.bench.networks.flexflow_pro.cases import VARIANTS
from scripts.bench.networks.flexflow_pro.tables import CAUSES
from scripts.pages.figure import ACCENT, BAD, GOOD, INK, MUTED, subplots
from scripts.train.thresholds import EMBEDDED

Record = Mapping[str, Any]
#: Colours of the bars.
COLOURS = {
    ("lock_step", "iid"): "#c9d3dd", ("lock_step", "clustered"): "#9aa9b8",
    ("plain", "iid"): "#79a7d8", ("plain", "clustered"): ACCENT,
    ("tuned", "iid"): "#79b79d", ("tuned", "clustered"): GOOD,
    ("total", "iid"): "#c9b8d8", ("total", "clustered"): "#7b6fb0",
}  # fmt: skip
_KINDS = {"neurons": (ACCENT, "neurons"), "synapses": ("#e0a030", "synapses"),
          "both": (GOOD, "both")}  # fmt: skip


def fifo(points: Sequence[Record]) -> Figure:
    """Cycles against FIFO depth, over those at depth 2."""
    figure, axes = subplots(9.2, 3.0)
    axis = axes[0, 0]
    for variant, colour in (("plain", ACCENT), ("tuned", GOOD)):
        mine = [one for one in points if one["variant"] == variant]
        base = next(one["all"] for one in mine if one["depth"] == 2)
        axis.plot([one["depth"] for one in mine], [one["all"] / base for one in mine], "o-",
                  color=colour, label=VARIANTS[variant])  # fmt: skip
    axis.axhline(1, color=MUTED, lw=1, ls=":")
    axis.set_xscale("log", base=2)
    depths = sorted({one["depth"] for one in points})
    axis.set_xticks(depths, [str(one) for one in depths])
    axis.minorticks_off()
    axis.set_xlabel("sums in a PE's FIFO")
    axis.set_ylabel("cycles over depth 2")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure


def density(points: Sequence[Record]) -> Figure:
    """Speed-up over lock step and over the dense array, and that per gate, by density."""
    figure, axes = subplots(9.2, 3.6)
    axis = axes[0, 0]
    at = [one["density"] for one in points]
    axis.plot(at, [1 / one**2 for one in at], "--", color=MUTED, label="possible")
    for key, colour, wide, label in (
        ("speedup", GOOD, 5, "over lock step"),
        ("array_speedup", ACCENT, 1.5, "over the dense array"),
        ("per_gate", "#e0a030", 1.5, "over the dense array, per gate"),
    ):
        if all(one[key] is not None for one in points):
            axis.plot(at, [one[key] for one in points], "o-", color=colour, lw=wide, label=label)
    axis.axhline(1, color=BAD, lw=1, ls=":")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(at, [f"{one:g}" for one in at])
    ticks = (0.2, 0.5, 1, 2, 5, 10, 20, 50)
    axis.set_yticks(ticks, [f"{one:g}" for one in ticks])
    axis.minorticks_off()
    axis.invert_xaxis()
    axis.set_xlabel("density of weights and of activations")
    axis.set_ylabel("speed-up")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure


def thresholds(points: Sequence[Record]) -> Figure:
    """Accuracy against the pairs that are left, mean of the seeds; diamonds: chosen at no loss."""
    networks = list(dict.fromkeys(one["network"] for one in points))
    figure, axes = subplots(9.2, 3.4, 1, len(networks))
    for axis, network in zip(axes[0], networks, strict=True):
        mine = [o for o in points if o["network"] == network and o["seed"] != EMBEDDED]
        start = mean(one["zero"]["test"] for one in mine)
        for kind, (colour, label) in _KINDS.items():
            x, y = [1.0], [100 * start]
            for share in dict.fromkeys(one["share"] for one in mine[0]["curves"]):
                some = [
                    (c["pairs"] / sum(o["pairs_zero"]), c["test"])
                    for o in mine
                    for c in o["curves"]
                    if (c["kind"], c["share"]) == (kind, share)
                ]
                x.append(mean(one for one, _ in some))
                y.append(100 * mean(one for _, one in some))
            axis.plot(x, y, ".-", color=colour, label=label)
        for one in (o for o in points if o["network"] == network):
            colour = INK if one["seed"] == EMBEDDED else BAD
            left = sum(one["pairs_chosen"]) / sum(one["pairs_zero"])
            axis.plot(left, 100 * one["chosen"]["test"], "D", color=colour, ms=5, alpha=0.8,
                      label=_label(one, mine))  # fmt: skip
        axis.set_ylim(min(90, 100 * start - 8), 100)
        axis.set_xlim(0, 1.05)
        axis.set_title(network)
        axis.set_xlabel("pairs that are left")
    axes[0, 0].set_ylabel("accuracy on test digits, %")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=5)
    return figure


def _label(one: Record, seeds: Sequence[Record]) -> str | None:
    """One entry of each kind in the legend."""
    if one["seed"] == EMBEDDED:
        return "chosen, embedded"
    return "chosen, each seed" if one is seeds[0] else None


def energy(points: Sequence[Record]) -> Figure:
    """Energy on the chip by cause, iid maps."""
    colours = (GOOD, ACCENT, "#79a7d8", "#7b6fb0", "#e0a030", BAD)
    named = zip(CAUSES.items(), colours, strict=False)  # the streams, which are last, are not shown
    causes = {cause: (label, colour) for (cause, label), colour in named}
    return plots.energy(DESIGN, points, causes, "lock_step")
