"""Pictures of Cambricon-SE's evaluation. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from models.workloads.cambricon_se import DESIGN, PUBLISHED_S
from scripts.bench.networks import plots
from scripts.bench.networks.cambricon_se import studies
from scripts.bench.networks.cambricon_se.cases import NETWORK_NAMES, VARIANTS
from scripts.bench.networks.cambricon_se.tables import CAUSES
from scripts.pages.figure import ACCENT, BAD, GOOD, INK, MUTED, subplots

Record = Mapping[str, Any]
#: Colours of the bars.
COLOURS = {
    ("x_like", "iid"): "#c9d3dd", ("x_like", "clustered"): "#9aa9b8",
    ("natural", "iid"): "#79a7d8", ("natural", "clustered"): ACCENT,
    ("tuned", "iid"): "#79b79d", ("tuned", "clustered"): GOOD,
    ("more", "iid"): "#f0c987", ("more", "clustered"): "#e0a030",
}  # fmt: skip
_SIX = (GOOD, ACCENT, "#79a7d8", "#e0a030", "#7b6fb0", BAD)
_STREAMS = {"weights": GOOD, "activations": ACCENT, "results": "#e0a030"}


def windows(points: Sequence[Record]) -> Figure:
    """Speed-up over the default X-like build by window, a line for each network."""
    found = {(one["study"], one["build"], one["variant"]): one["cycles"] for one in points}
    base = found["window", "128", "x_like"]
    labels = list(studies.BUILDS["window"])
    figure, axes = subplots(9.2, 3.4, 1, 2, sharey=True)
    for axis, variant in zip(axes[0], studies.SELECTORS, strict=True):
        for (network, colour), mark in zip(
            zip(studies.PARTS, _SIX, strict=False), "osDv", strict=False
        ):
            values = [base[network] / found["window", label, variant][network] for label in labels]
            axis.plot(range(len(labels)), values, f"{mark}-", color=colour,
                      label=NETWORK_NAMES[network])  # fmt: skip
        axis.axhline(1, color=MUTED, lw=1, ls=":")
        axis.set_xticks(range(len(labels)), labels)
        axis.set_xlabel("window")
        axis.set_title(VARIANTS[variant])
    axes[0, 0].set_ylabel("speed-up over X-like, window 128")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure


def neurons(found: Record) -> Figure:
    """Speed-up over X-like by share of live neurons; Cambricon-S over Cambricon-X as a line."""
    figure, axes = subplots(9.2, 3.4)
    axis = axes[0, 0]
    for (layer, points), colour in zip(found["points"].items(), (GOOD, ACCENT), strict=False):
        axis.plot([100 * at for at, _ in points], [value for _, value in points], "o-",
                  color=colour, label=layer)  # fmt: skip
    axis.axhline(PUBLISHED_S, color=BAD, lw=1.4, label="Cambricon-S over Cambricon-X, published")
    axis.axhline(1, color=MUTED, lw=1, ls=":")
    axis.invert_xaxis()
    axis.set_xlabel("neurons that are not zero, %")
    axis.set_ylabel("speed-up over X-like")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def energy(points: Sequence[Record]) -> Figure:
    """Energy on the chip by cause, iid maps."""
    named = zip(CAUSES.items(), _SIX, strict=True)
    causes = {cause: (label, colour) for (cause, label), colour in named if cause != "dram"}
    return plots.energy(DESIGN, points, causes, "x_like")


def traffic(points: Sequence[Record]) -> Figure:
    """Bits of whole networks plain, compressed, and with Huffman codes, over plain."""
    kinds = {
        "plain": ("wgt_plain", "act", "out"),
        "as streamed": ("wgt", "act_packed", "out_packed"),
        "with Huffman": ("wgt_huffman", "act_packed", "out_packed"),
    }
    mine = [one for one in points if one["layer"] == "all"]
    figure, axes = subplots(9.2, 3.2)
    axis = axes[0, 0]
    width = 0.8 / len(kinds)
    for at, keys in enumerate(kinds.values()):
        for x, one in enumerate(mine):
            bits, bottom = one["bits"], 0.0
            whole = sum(bits[key] for key in kinds["plain"])
            place = x - 0.4 + (at + 0.5) * width
            for key, (what, colour) in zip(keys, _STREAMS.items(), strict=True):
                share = 100 * bits[key] / whole
                axis.bar(place, share, width * 0.9, bottom=bottom, color=colour,
                         label=what if (at, x) == (0, 0) else None)  # fmt: skip
                bottom += share
            axis.text(place, bottom + 1, f"{bottom:.0f}", ha="center", va="bottom", fontsize=8)
    axis.set_xticks(range(len(mine)), [NETWORK_NAMES[one["network"]] for one in mine])
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    axis.set_ylim(0, 110)
    axis.set_xlabel(f"bars of a network: {', '.join(kinds)}")
    axis.set_ylabel("bits on the streams, % of plain")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure
