"""Tables of the study, for the terminal and for the page: title, how to read it, head, rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.console import Table
from scripts.granularity import paper
from scripts.granularity.accuracy import LOST, curve
from scripts.granularity.counted import total
from scripts.granularity.hardware import (
    CROP,
    CROP_PER_PIXEL,
    EQUAL_DENSITY,
    GRANULARITIES,
    UNPRUNED,
    equal_accuracy,
    relative,
    totals,
)
from scripts.train.granularity import BLOCK, GRAINS, STUDIED

Data = Mapping[str, Any]
#: What a granularity is called.
NAMES = {
    UNPRUNED: "unpruned",
    "fine": "fine (0-D)",
    "vector": "vector (1-D)",
    "kernel": "kernel (2-D)",
    "filter": "filter (3-D)",
    "block": f"block {BLOCK[0]}x{BLOCK[1]}",
}
MAPS = {
    "iid": "each activation non-zero on its own",
    "clustered": "clustered (models/workloads/scnn.py)",
}
FIGURES = {
    "cycles": "compute cycles per output pixel",
    "references": "partial sums read per output pixel",
    "energy": "energy on the chip per output pixel, estimate",
    "loaded": "bits of weights streamed in",
}
#: Figures closer than this are equal.
SAME = 0.01


@dataclass(frozen=True)
class Shown:
    """A table: ``left`` columns are text; a cell that ends in ``*`` is the best of its row."""

    title: str
    text: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1

    def console(self) -> Table:
        """For the terminal; the best in green."""
        table = Table(title=self.title, caption=self.text, title_justify="left",
                      caption_justify="left")  # fmt: skip
        for at, name in enumerate(self.head):
            table.add_column(name, justify="left" if at < self.left else "right")
        for row in self.rows:
            table.add_row(*(f"[bold green]{c[:-1]}[/]" if c.endswith("*") else c for c in row))
        return table


def percent(value: float | None, digits: int = 1) -> str:
    """A share for people; "" where there is none.

    >>> percent(0.1234), percent(None)
    ('12.3', '')
    """
    return "" if value is None else f"{100 * value:.{digits}f}"


def accuracy_tables(data: Data) -> Iterator[Shown]:
    """Accuracy by granularity and density, a table for each network."""
    seeds = max(one["seeds"] for one in data["accuracy"])
    text = (
        f"Top-1 in percent on 2,000 held-out digits: mean and standard deviation of {seeds} seeds "
        "(the digits alone give a standard error of about 0.25). Pruned: all convolutions but the "
        "first, each to this density, smallest L1 norm of a grain first; then fine-tuned. Empty: a "
        "layer would have no grain left."
    )
    for network in STUDIED:
        mine = [one for one in data["accuracy"] if one["network"] == network]
        densities = sorted({one["asked"] for one in mine}, reverse=True)
        rows = []
        for grain in GRAINS:
            points = {one["asked"]: one for one in curve(mine, network, grain)}
            cells = [
                f"{percent(points[d]['accuracy'], 2)} ± {percent(points[d]['spread'], 2)}"
                if d in points
                else ""
                for d in densities
            ]
            rows.append((NAMES[grain], *cells))
        head = ("granularity", *(f"{100 * d:g} %" for d in densities))
        yield Shown(f"Accuracy by density: {network}", text, head, tuple(rows))
        text = ""


def equal_table(data: Data) -> Shown:
    """Density and storage at equal accuracy."""
    rows = []
    for network in STUDIED:
        mine = [one for one in data["equal"] if one["network"] == network]
        for one in mine:
            cells = [percent(one[name]) for name in ("density", "formula", "measured", "best")]
            for at, name in enumerate(("density", "formula", "measured", "best")):
                if one[name] == min(other[name] for other in mine):
                    cells[at] += "*"
            mark = "at most " if one["least"] else ""
            cells[0] = mark + cells[0]
            rows.append((network, NAMES[one["granularity"]], *cells, one["format"]))
    text = (
        "Percent of dense 8-bit weights of the pruned layers, where the mean accuracy is "
        f"{100 * LOST:g} point below dense (straight between the measured points). Formula: a "
        "weight has 8 bits, a grain an index of 4. With fillers: the same really encoded, one "
        "more entry for every run of 16 grains without weights. Cheapest format: of "
        "models/formats, with fields of fixed width. At most: the sparsest point is still good "
        "enough."
    )
    head = (
        "network",
        "granularity",
        "density",
        "formula",
        "with fillers",
        "cheapest format",
        "which",
    )
    return Shown("Storage at equal accuracy", text, head, tuple(rows), 2)


def paper_table() -> Shown:
    """The paper's storage beside the formula."""
    rows = []
    for network, found in paper.STORAGE.items():
        cells = []
        for grain, weights in paper.GRAINS.items():
            density, storage = found[grain]
            cells += [
                f"{density:g}",
                f"{storage:g}",
                percent(paper.formula(density / 100, weights)),
            ]
        rows.append((network, *cells))
    head = ["network"]
    for grain in paper.GRAINS:
        head += [f"{grain}: density", "storage", "formula"]
    text = "Percent of dense, at the accuracy of the dense network. " + paper.WHY
    return Shown("The paper's networks (Mao et al. 2017)", text, tuple(head), tuple(rows))


D1_TEXT = (
    "D1: one reference for each distinct output that a grain touches with all activations that "
    "it meets (a row of the map for a vector, the plane for a kernel, all planes for a filter; a "
    "block has one for each of its filters)."
)
D2_TEXT = (
    "D2: one reference for each distinct output of one step of 4 weights x 4 activations of a "
    "channel, as in SCNN (8x8 PEs, groups of 8 filters), weights in the order filter, row, column. "
    "Row: the same with the weights of just one row of a kernel in a step, 3 x 4."
)
SCNN_TEXT = (
    " SCNN: accumulator reads counted on ours with MERGE on a part of a layer, see the next table "
    "(~ by the cycle model, which equals the RTL)."
)


def reference_table(data: Data) -> Shown:
    """References of every layer by both definitions, and from RTL where it was counted."""
    shown = [grain for grain in GRAINS if grain != "filter"]
    on_scnn = {
        (one["layer"], one["granularity"]): percent(one["share"])
        + ("~" if one["source"] == "model" else "")
        for one in data["on_scnn"]
    }
    counted = [grain for grain in GRAINS if any(key[1] == grain for key in on_scnn)]
    by_key = {(one["layer"], one["granularity"]): one for one in data["references"]}
    rows = []
    for layer in dict.fromkeys(one["layer"] for one in data["references"]):
        found = {grain: by_key[layer, grain] for grain in GRAINS}
        fine = found["fine"]
        rows.append(
            (
                layer, percent(fine["weight_density"]), percent(fine["act_density"]),
                f"{fine['products'] / 1e6:.0f}",
                *(percent(found[g]["d1"] / fine["products"]) for g in shown[1:]),
                *(percent(found[g]["d2"]) for g in shown),
                percent(found["vector"]["aligned"]),
                *(on_scnn.get((layer, g), "") for g in counted),
            )
        )  # fmt: skip
    sums = {one["granularity"]: one for one in total(data["references"])}
    rows.append(
        (
            "all", "", "", f"{sums['fine']['products'] / 1e6:.0f}",
            *(percent(sums[g]["d1"]) for g in shown[1:]),
            *(percent(sums[g]["d2"]) for g in shown),
            percent(sums["vector"]["aligned"]),
            *("" for _ in counted),
        )
    )  # fmt: skip
    head = (
        "layer", "weights, %", "inputs, %", "products, million",
        *(f"D1 {g}" for g in shown[1:]), *(f"D2 {g}" for g in shown), "D2 vector, row",
        *(f"SCNN {g}" for g in counted),
    )  # fmt: skip
    saved = "; ".join(f"{text} ({where})" for where, text in paper.SAVED.items())
    text = (
        "References to partial sums in percent of the products of fine grains at the same "
        f"density (without merging each product is one reference). {D1_TEXT} {D2_TEXT} Maps: "
        f"{MAPS[data['maps']]}, with the layer's density. Vectors instead of fine grains save, "
        f"says the paper: {saved}. Ours: {saving(sums['vector']['d1'])} by D1, "
        f"{saving(sums['vector']['d2'])} by D2, {saving(sums['vector']['aligned'])} by D2 in "
        f"rows. Fine grains with merging already save {saving(sums['fine']['d2'])}. Standard "
        f"error of D2 at most {100 * max(one['error'] for one in data['references']):.2f} points."
        + (SCNN_TEXT if counted else "")
    )
    return Shown("References to partial sums: VGG-16 by the model", text, head, tuple(rows))


def merged(points: Sequence[Mapping[str, Any]]) -> Shown:
    """References and bank stalls on SCNN with merging and without, from ``studies.merging`` of a
    benchmark of SCNN."""
    rows = tuple(
        (
            one["layer"],
            "{} of {}, {}x{}".format(*one["crop"], one["crop"][2]),
            one["granularity"],
            "RTL" if one["source"] == "rtl" else "model",
            f"{one['products']:,}",
            f"{one['reads']:,}",
            percent(one["share"]),
            percent(one["whole"]),
            percent(one["bank_off"]),
            percent(one["bank_on"]),
            percent(one["cycles"]),
        )
        for one in points
    )
    text = (
        "VGG-16 on SCNN as published, 8 x 8 PEs; so many filters of so many channels of the upper "
        "left of the map. References: accumulator reads with MERGE, counted; without it there is "
        "one for each product of two non-zeros. What RTL counted equals what the cycle model "
        "says. Weights come with the filter fastest, which spreads a step over the banks, so a "
        "step seldom has two weights of a row: merging within it saves less than D2 says (see "
        "make granularity). Products of a row meet in few accumulators, so coarser grains stall "
        "more at the banks; merging takes a third to two thirds of these stalls away."
    )
    head = ("layer", "part", "granularity", "from", "products", "references", "references, %",
            "whole layer, % (model)", "bank stalls, % of slots", "with MERGE",
            "cycles with MERGE, %")  # fmt: skip
    return Shown("Merging", text, head, rows, 4)


def saving(share: float) -> str:
    """What is not there any more.

    >>> saving(0.49), saving(0.7)
    ('51 % (2.0x)', '30 % (1.4x)')
    """
    return f"{100 * (1 - share):.0f} % ({1 / share:.1f}x)"


KINDS = {
    EQUAL_DENSITY: (
        "VGG-16 at equal density",
        f"Four layers of VGG-16 on {CROP}x{CROP} outputs ({CROP_PER_PIXEL}x{CROP_PER_PIXEL} where "
        "a design takes one pixel at a time), every granularity at the layer's density.",
    ),
    **{
        equal_accuracy(network): (
            f"{network} at equal accuracy",
            f"The pruned layers of {network} on a digit, each granularity at its sparsest "
            f"measured point within {100 * LOST:g} point of dense (unpruned where there is none).",
        )
        for network in STUDIED
    },
}


def hardware_tables(data: Data) -> Iterator[Shown]:
    """Every figure of every build over that of its unpruned layers."""
    for kind, (title, what) in KINDS.items():
        sums = totals(data["hardware"], kind)
        rows = []
        for name, label in FIGURES.items():
            for build, found in relative(sums, name).items():
                best = min(value for grain, value in found.items() if grain != UNPRUNED)
                cells = [
                    f"{found[g]:.3f}" + "*" * (g != UNPRUNED and found[g] <= best * (1 + SAME) < 1)
                    for g in GRANULARITIES
                    if g in found and g != UNPRUNED
                ]
                rows.append((label, build, f"{sums[build][UNPRUNED][name]:,.0f}", *cells))
        text = (
            f"{what} Over the unpruned layers on the same build; their figure is in the column "
            "unpruned (energy in pJ). Cycle models, which the RTL equals cycle for cycle. Filters "
            "and channels that are zero throughout are left out of a layer."
        )
        head = ("figure", "build", "unpruned", *(NAMES[grain] for grain in GRAINS))
        if rows:
            yield Shown(f"Every design: {title}", text, head, tuple(rows), 2)


def wanted(sums: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[str, ...]]:
    """build -> the granularities that do best, within ``SAME`` of each other; () if none gains.

    >>> wanted({"a": {"unpruned": 1, "fine": 0.5, "kernel": 0.503}, "b": {"fine": 1}})
    {'a': ('fine', 'kernel'), 'b': ()}
    """
    made = {}
    for build, found in sums.items():
        some = {grain: value for grain, value in found.items() if grain != UNPRUNED}
        best = min(some.values())
        good = tuple(grain for grain, value in some.items() if value <= best * (1 + SAME))
        made[build] = good if best < 1 - SAME else ()
    return made


def wish_table(data: Data) -> Shown:
    """Which granularity which hardware wants."""
    found = {
        (kind, name): wanted(relative(totals(data["hardware"], kind), name))
        for kind in KINDS
        for name in ("cycles", "energy")
    }
    builds = dict.fromkeys(build for some in found.values() for build in some)
    rows = []
    for build in builds:
        cells = []
        for some in found.values():
            good = some.get(build)
            words = "cannot run it" if good is None else " = ".join(good) if good else "none gains"
            cells.append("any" if good is not None and len(good) == len(GRAINS) else words)
        rows.append((build, *cells))
    head = ("build", *(f"{KINDS[kind][0]}: {name}" for kind, name in found))
    text = (
        "The granularity with the fewest cycles, and with the least energy on the chip; equal "
        f"within {100 * SAME:g} %. At equal density the choice is the hardware's; at equal "
        "accuracy fine grains bring more zeros, which is the half of the answer that the "
        "hardware does not see."
    )
    return Shown("Which granularity does which hardware want?", text, head, tuple(rows), len(head))


def all_tables(data: Data) -> Sequence[Shown]:
    """In the order of the page."""
    made = [wish_table(data), *accuracy_tables(data), equal_table(data), paper_table()]
    made += [reference_table(data)] if data["references"] else []
    made += [merged(data["on_scnn"])] if data["on_scnn"] else []
    return [*made, *hardware_tables(data)]
