"""Pictures of the report, as SVG or PNG inside a page. The same data give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from models.design import Design
from scripts.measure.records import MEMORY_LABELS, accounts, shown_accounts, weight_bits
from scripts.pages.figure import (
    ACCENT,
    BAD,
    GOOD,
    INK,
    MUTED,
    design_colour,
    ink_on,
    png,
    subplots,
    svg,
)

Record = Mapping[str, Any]


def slot_bars(records: Sequence[Record], labels: Sequence[str] | None = None) -> str:
    """Where the slots went: one stacked bar per record."""
    labels = list(labels or (one["layer"] for one in records))
    figure, axes = subplots(9.2, 1.3 + 0.42 * len(records))
    axis = axes[0, 0]
    at = np.arange(len(records))
    left = np.zeros(len(records))
    counts = [accounts(one) for one in records]
    for account in shown_accounts(records):
        key, label, colour = account.name, account.label, account.colour
        share = np.array(
            [
                count.get(key, 0) / max(one["mac_slots"], 1)
                for count, one in zip(counts, records, strict=True)
            ]
        )
        if not share.any():
            continue
        axis.barh(at, share, left=left, color=colour, label=label, height=0.68)
        for y, (start, width) in enumerate(zip(left, share, strict=True)):
            if width > 0.06:
                axis.text(start + width / 2, y, f"{100 * width:.0f} %", ha="center", va="center",
                          color=ink_on(colour), fontsize=9)  # fmt: skip
        left += share
    axis.set_yticks(at, labels)
    axis.tick_params(axis="y", length=0, labelcolor=INK)
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("share of multiplier slots")
    handles, names = axis.get_legend_handles_labels()
    columns = len(names) if len(names) <= 5 else 4
    figure.legend(handles, names, loc="outside upper left", ncols=columns)
    return svg(figure, "where_the_slots_went")


def side_by_side(layers: Mapping[str, Sequence[Record]]) -> str:
    """Cycles, weight bits read and energy of each layer: one bar per design.

    Bars are shares of the layer's largest, so that they start at zero and layers of any size are
    read alike; their figures stand beside them.
    """
    measures: tuple[tuple[str, Callable[[Record], float]], ...] = (
        ("compute cycles", lambda one: one["cycles_compute"]),
        ("weights read, kbit", lambda one: weight_bits(one) / 1e3),
        ("energy estimate, uJ", lambda one: sum(one["energy_pj"].values()) / 1e6),
    )
    names = list(layers)
    designs = list(dict.fromkeys(one["design"] for runs in layers.values() for one in runs))
    figure, axes = subplots(9.2, 1.2 + 0.2 * len(names) * (len(designs) + 1), 1, 3, sharey=True)
    height = 0.8 / len(designs)
    for axis, (title, value) in zip(axes[0], measures, strict=True):
        for y, name in enumerate(names):
            largest = max([value(one) for one in layers[name]], default=0) or 1
            for one in layers[name]:
                place = y + (designs.index(one["design"]) - (len(designs) - 1) / 2) * height
                share = value(one) / largest
                colour = design_colour(one["design"])
                axis.barh(place, share, height=height * 0.9, color=colour)
                inside = share > 0.7
                axis.text(share + (-0.015 if inside else 0.015), place, _figures(value(one)),
                          ha="right" if inside else "left", va="center", fontsize=8,
                          color=ink_on(colour) if inside else INK)  # fmt: skip
        axis.set_title(title)
        axis.set_xlim(0, 1)
        axis.xaxis.set_major_formatter(PercentFormatter(1))
        axis.grid(axis="y", visible=False)
        axis.set_yticks(range(len(names)), names)
        axis.tick_params(axis="y", length=0, labelcolor=INK)
    axes[0, 0].invert_yaxis()
    figure.supxlabel("share of the layer's largest; shorter is better", fontsize=10)
    handles = [Patch(color=design_colour(design), label=design) for design in designs]
    figure.legend(handles, designs, loc="outside upper right", ncols=len(designs))
    return svg(figure, "designs_side_by_side")


def _figures(value: float) -> str:
    """Three digits at least, none behind the point of large numbers.

    >>> _figures(214340), _figures(31.06), _figures(0.5)
    ('214,340', '31.1', '0.500')
    """
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 3
    return f"{value:,.{digits}f}"


def pe_load(records: Sequence[Record]) -> str:
    """Busy slots of each PE: one small plot per record."""
    rows = len(records)
    figure, axes = subplots(9.2, 0.7 + 1.25 * rows, rows, 1)
    for axis, one in zip(axes[:, 0], records, strict=True):
        load = np.array(one["busy_per_pe"], dtype=float)
        axis.bar(np.arange(load.size), load, width=0.86, color=ACCENT)
        axis.axhline(load.mean(), color=INK, linewidth=1, linestyle="--")
        axis.set_xlim(-0.7, load.size - 0.3)
        axis.set_ylim(0, max(load.max() * 1.12, 1))
        axis.grid(axis="x", visible=False)
        axis.locator_params(axis="y", nbins=4)
        axis.ticklabel_format(axis="y", style="plain")
        spread = load.max() / load.mean() - 1 if load.mean() else 0
        axis.set_title(f"{one['layer']}: busiest PE {100 * spread:.1f} % above the mean")
        axis.set_ylabel("busy slots")
    axes[-1, 0].set_xlabel("processing element (dashed: mean)")
    return svg(figure, "load_of_each_PE")


def grid_accounts(records: Sequence[Record], design: Design) -> str:
    """Slots of each PE by account: a row of small grids per record, white is 0 %."""
    shown = [one for one in design.accounts if one.name in records[0]["slots_per_pe"]]
    figure, axes = subplots(9.2, 0.7 + 1.7 * len(records), len(records), len(shown))
    assert design.grid is not None
    for row, one in zip(axes, records, strict=True):
        grid = design.grid(one["config"])
        per_pe = max(one["mac_slots"] / (grid[0] * grid[1]), 1)
        for axis, account in zip(row, shown, strict=True):
            share = np.array(one["slots_per_pe"][account.name], dtype=float).reshape(grid) / per_pe
            colours = LinearSegmentedColormap.from_list(account.name, ["white", account.colour])
            axis.imshow(share, cmap=colours, vmin=0, vmax=1)
            axis.set_xticks([])
            axis.set_yticks([])
            axis.grid(visible=False)
            for side in axis.spines.values():
                side.set_visible(True)
            axis.set_title(f"{100 * share.mean():.0f} %", fontsize=9, fontweight="normal")
            low, high = 100 * share.min(), 100 * share.max()
            axis.set_xlabel(f"{low:.0f} to {high:.0f} %", fontsize=8, color=MUTED)
        row[0].set_ylabel(one["layer"], color=INK)
    for axis, account in zip(axes[0], shown, strict=True):
        label = fill(account.label, 16)
        axis.set_title(f"{label}\n{axis.get_title(loc='left')}", fontsize=9, fontweight="normal")
    return svg(figure, "where_the_slots_of_each_PE_went")


def tile_maps(maps: Mapping[str, Mapping[str, Any]], colour: str) -> str:
    """Rows of the array against weight tiles, darker: more of the columns have a weight; beside it
    the positions of each pattern. One row per layer.

    maps: layer -> share [rows, bins], count, steps [any], patterns [P]
    """
    figure, axes = subplots(
        9.2, 0.9 + 1.25 * len(maps), len(maps), 2, gridspec_kw={"width_ratios": (4, 1)}
    )
    colours = LinearSegmentedColormap.from_list("share", ["white", colour])
    for (heat, bars), (name, one) in zip(axes, maps.items(), strict=True):
        share, count, steps = one["share"], int(one["count"]), one["steps"]
        heat.imshow(share, aspect="auto", cmap=colours, vmin=0, vmax=1, interpolation="nearest",
                    extent=(0, count, share.shape[0] - 0.5, -0.5))  # fmt: skip
        heat.grid(visible=False)
        heat.locator_params(axis="both", nbins=5, integer=True)
        low, high = int(steps.min()), int(steps.max())
        span = f"{low}" if low == high else f"{low} to {high} (mean {steps.mean():.2f})"
        heat.set_title(f"{name}: steps {span}, {100 * share.mean():.0f} % of the slots")
        heat.set_ylabel("row")
        sizes = one["patterns"]
        bars.bar(np.arange(sizes.size), sizes, width=0.8, color=colour)
        bars.set_title(f"P = {sizes.size}")
        bars.grid(axis="x", visible=False)
        bars.locator_params(axis="y", nbins=4, integer=True)
        bars.set_xticks(range(0, sizes.size, max(1, sizes.size // 4)))
        bars.set_xlim(-0.8, sizes.size - 0.2)
        bars.set_ylim(0, max(1, int(sizes.max())) * 1.1)
    axes[-1, 0].set_xlabel("weight tiles, in the order in which they run")
    axes[-1, 1].set_xlabel("positions by residue")
    return svg(figure, "which_slots_had_a_weight")


def memory_bars(records: Sequence[Record]) -> str:
    """Reads and writes by memory class."""
    names = list(records[0]["memory"])
    cols = min(4, len(records))
    rows = -(-len(records) // cols)
    figure, axes = subplots(9.2, 0.9 + 0.62 * len(names) * rows, rows, cols, sharey=True)
    at = np.arange(len(names))
    for axis in axes.flat[len(records) :]:
        axis.set_axis_off()
    for axis, one in zip(axes.flat, records, strict=False):
        reads = [one["memory"][n]["reads"] for n in names]
        writes = [one["memory"][n]["writes"] for n in names]
        axis.barh(at - 0.2, reads, height=0.36, color=ACCENT, label="reads")
        axis.barh(at + 0.2, writes, height=0.36, color="#e0a030", label="writes")
        axis.set_title(one["layer"])
        axis.grid(axis="y", visible=False)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_xlim(left=0)
        powers = range(2, int(np.log10(max(10, *reads, *writes))) + 1, 2)
        axis.set_xticks([0, *(10.0**k for k in powers)])
        axis.set_yticks(at, [MEMORY_LABELS[n] for n in names])
        axis.tick_params(axis="y", length=0, labelcolor=INK)
    axes[0, 0].invert_yaxis()
    figure.supxlabel("accesses (logarithmic)", fontsize=10)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return svg(figure, "memory_accesses")


def digits(images: np.ndarray, labels: np.ndarray, predicted: np.ndarray, most: int = 30) -> str:
    """Digits with what RTL saw in them; wrong ones first, framed red."""
    wrong = predicted != labels
    order = np.concatenate([np.flatnonzero(wrong), np.flatnonzero(~wrong)])[:most]
    cols = 15
    rows = max(1, -(-len(order) // cols))
    figure, axes = subplots(9.2, 0.82 * rows, rows, cols)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, index in zip(axes.flat, order, strict=False):
        axis.set_axis_on()
        axis.imshow(images[index], cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.grid(visible=False)
        colour = BAD if wrong[index] else GOOD
        for spine in axis.spines.values():
            spine.set_visible(True)
            spine.set_color(colour)
            spine.set_linewidth(1.6 if wrong[index] else 0.8)
        text = str(predicted[index])
        if wrong[index]:
            text += f" (is {labels[index]})"
        axis.set_title(text, color=colour, fontsize=8.5, loc="center", pad=2)
    return png(figure, "digits_and_what_RTL_saw")


def accuracy_bars(bars: Sequence[tuple[str, float, str]]) -> str:
    """Accuracy of each network: (label, share, colour)."""
    figure, axes = subplots(9.2, 0.6 + 0.36 * len(bars))
    axis = axes[0, 0]
    at = np.arange(len(bars))
    axis.barh(at, [b[1] for b in bars], color=[b[2] for b in bars], height=0.66)
    for y, (_, share, _) in enumerate(bars):
        axis.text(share - 0.01, y, f"{100 * share:.2f} %", ha="right", va="center", color="white")
    axis.set_xlim(0, 1)
    axis.set_yticks(at, [b[0] for b in bars])
    axis.tick_params(axis="y", length=0, labelcolor=INK)
    axis.invert_yaxis()
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("accuracy")
    return svg(figure, "accuracy")


def occupancy(
    levels: np.ndarray, cycles: np.ndarray, depth: int, marks: Sequence[tuple[float, str]] = ()
) -> str:
    """Queue levels over time: levels [pe, bins] mean entries, cycles [bins] start of each bin.

    marks: (cycle, text) of what begins there.
    """
    figure, axes = subplots(9.2, 4.2, 2, 1, sharex=True, gridspec_kw={"height_ratios": (1, 1.6)})
    top, heat = axes[:, 0]
    step = cycles[1] - cycles[0] if cycles.size > 1 else 1
    top.fill_between(cycles, levels.min(axis=0), levels.max(axis=0), color=ACCENT, alpha=0.25,
                     linewidth=0, label="least to most of all PEs")  # fmt: skip
    top.plot(cycles, levels.mean(axis=0), color=ACCENT, linewidth=1.4, label="mean of all PEs")
    top.axhline(depth, color=BAD, linewidth=1, linestyle="--", label=f"full: {depth}")
    top.set_ylim(0, depth * 1.15)
    top.set_ylabel("entries queued")
    for cycle, text in marks:
        top.axvline(cycle, color=MUTED, linewidth=0.8, linestyle=":")
        top.text(cycle, depth * 1.13, f" {text}", va="top", fontsize=8.5, color=MUTED)
    image = heat.imshow(
        levels,
        aspect="auto",
        origin="lower",
        cmap="viridis",
        vmin=0,
        vmax=depth,
        interpolation="nearest",
        extent=(cycles[0], cycles[-1] + step, -0.5, levels.shape[0] - 0.5),
    )
    heat.grid(visible=False)
    heat.set_ylabel("processing element")
    heat.set_xlabel("clock cycle")
    figure.colorbar(image, ax=heat, pad=0.01, label="entries")
    figure.legend(*top.get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return png(figure, "queue_occupancy_over_time")


def ratios(names: Sequence[str], series: Mapping[str, tuple[Sequence[float], str]]) -> str:
    """Actual over theoretical time of each layer, one group of bars per layer."""
    figure, axes = subplots(9.2, 3.4)
    axis = axes[0, 0]
    at = np.arange(len(names))
    width = 0.8 / len(series)
    for index, (label, (values, colour)) in enumerate(series.items()):
        place = at + (index - (len(series) - 1) / 2) * width
        axis.bar(place, values, width=width * 0.92, color=colour, label=label)
        for x, value in zip(place, values, strict=True):
            axis.text(x, value + 0.01, f"{value:.2f}", ha="center", fontsize=7.5, color=MUTED)
    axis.axhline(1, color=INK, linewidth=1)
    axis.set_ylim(0, None)
    axis.set_xticks(at, names)
    axis.tick_params(axis="x", length=0, labelcolor=INK)
    axis.grid(axis="x", visible=False)
    axis.set_ylabel("actual / theoretical")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=len(series))
    return svg(figure, "actual_over_theoretical_time")


def study(
    points: Sequence[Mapping[str, Any]], key: str, label: str, name: str, value: str = "efficiency"
) -> str:
    """Efficiency against a build parameter; one plot per variant, one line per layer.

    points: {"layer", "variant", key, value, "source": "rtl" or "model"}; model points are hollow.
    """
    variants = list(dict.fromkeys(p["variant"] for p in points))
    layers = list(dict.fromkeys(p["layer"] for p in points))
    figure, axes = subplots(9.2, 3.9, 1, len(variants), sharey=True)
    colours = colormaps["tab10"]
    for axis, variant in zip(axes[0], variants, strict=True):
        for index, layer in enumerate(layers):
            mine = [p for p in points if p["layer"] == layer and p["variant"] == variant]
            mine.sort(key=lambda p: p[key])
            x = [p[key] for p in mine]
            y = [p[value] for p in mine]
            colour = colours(index % 10)
            axis.plot(x, y, color=colour, linewidth=1.3, label=layer)
            for source, face in (("rtl", colour), ("model", "white")):
                some = [p for p in mine if p["source"] == source]
                axis.plot([p[key] for p in some], [p[value] for p in some], "o", color=colour,
                          markerfacecolor=face, markersize=4.5)  # fmt: skip
        axis.set_xscale("log", base=2)
        ticks = sorted({p[key] for p in points})
        axis.set_xticks(ticks, [str(t) for t in ticks])
        axis.minorticks_off()
        axis.set_ylim(0, 1.02)
        axis.yaxis.set_major_formatter(PercentFormatter(1))
        axis.set_xlabel(f"{label} (logarithmic)")
        axis.set_title(variant)
    axes[0, 0].set_ylabel(value)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right upper", fontsize=9)
    return svg(figure, name)
