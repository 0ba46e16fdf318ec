"""Pictures of SPS's evaluation. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from matplotlib.figure import Figure

from scripts.bench.networks.sps.tables import CAUSES
from scripts.pages.figure import ACCENT, BAD, GOOD, INK, MUTED, subplots
from scripts.train.periodic import PERIODS, SHARES

Record = Mapping[str, Any]
_CAUSES = dict(zip(CAUSES, (GOOD, ACCENT, BAD, "#e0a030", "#7b6fb0", "#9fb3c8"), strict=True))
_STRUCTURES = dict(zip(PERIODS, (MUTED, ACCENT, GOOD), strict=True))


def energy(points: Sequence[Record]) -> Figure:
    """Energy on the chip by cause, a bar for each format, a panel for each share that is kept."""
    shares = list(dict.fromkeys(one["kept"] for one in points))
    figure, axes = subplots(9.2, 3.6, 1, len(shares), sharey=True, sharex=True)
    for axis, share in zip(axes[0], shares, strict=True):
        mine = [one for one in points if one["kept"] == share]
        names = [f"{one['format']}\n({one['design']})" for one in mine]
        left = [0.0] * len(mine)
        for cause, label in CAUSES.items():
            values = [one["energy_pj"].get(cause, 0) / 1e6 for one in mine]
            if cause == "dram" or not any(values):
                continue
            axis.barh(names, values, left=left, color=_CAUSES[cause], label=label)
            left = [a + b for a, b in zip(left, values, strict=True)]
        for at, (end, one) in enumerate(zip(left, mine, strict=True)):
            axis.text(end, at, f" x{one['chip_ratio']:.2f}", va="center", color=INK)
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
        axis.set_xlabel("uJ on the chip, streams left out")
        axis.set_title(f"{share} of 9 weights")
    axes[0, 0].set_xlim(0, 1.25 * max(one["chip"] for one in points) / 1e6)
    axes[0, 0].invert_yaxis()
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=5)
    return figure


def accuracy(points: Sequence[Record]) -> Figure:
    """Points of accuracy lost against dense, mean and every seed, by structure and share."""
    networks = list(dict.fromkeys(one["network"] for one in points))
    figure, axes = subplots(9.2, 3.2, 1, len(networks), sharey=True)
    for axis, network in zip(axes[0], networks, strict=True):
        mine = [one for one in points if one["network"] == network]
        dense = {o["seed"]: o["accuracy"] for o in mine if o["granularity"] == "dense"}
        for at, share in enumerate(SHARES):
            for shift, (structure, colour) in enumerate(_STRUCTURES.items()):
                some = [o for o in mine if (o["granularity"], o["asked"]) == (structure, share)]
                lost = [100 * (o["accuracy"] - dense[o["seed"]]) for o in some]
                x = at + 0.22 * (shift - 1)
                label = structure if at == 0 else None
                axis.plot([x] * len(lost), lost, "o", color=colour, alpha=0.5, ms=5)
                axis.plot([x - 0.08, x + 0.08], [mean(lost)] * 2, color=colour, lw=2.5,
                          label=label)  # fmt: skip
        axis.axhline(0, color=MUTED, lw=1, ls=":")
        axis.set_xticks(range(len(SHARES)), [f"{round(9 * share)} of 9" for share in SHARES])
        axis.set_xlim(-0.5, len(SHARES) - 0.5)
        axis.grid(axis="x", visible=False)
        axis.set_title(network)
    axes[0, 0].set_ylabel("accuracy against dense, points")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure
