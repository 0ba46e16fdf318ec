"""The report page: ``results.json`` and ``details.npz`` of a run to ``index.html``.

``python -m scripts.run.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import registry
from models.places import build_root
from scripts import options as cli
from scripts.measure.records import (
    CLOCK_MHZ,
    RecordError,
    accounts,
    deviation,
    efficiency,
    load_results,
    microseconds,
    shown_accounts,
    utilisation,
    weight_bits,
)
from scripts.pages.again import folder_of
from scripts.pages.figure import ACCENT, GOOD
from scripts.pages.frame import Picture, environment, written
from scripts.pages.text import number, percent
from scripts.run import plots
from scripts.run.details import Details
from scripts.run.tables import by_workload, energy_label

AREA = build_root() / "area" / "area.json"
ACCURACY_BARS = (
    ("held_out_dense", "float, dense (held out)", "#9fb3c8"),
    ("held_out_pruned", "float, pruned (held out)", "#829ab1"),
    ("held_out_quantized", "integer, 16 shared weights (held out)", "#627d98"),
    ("model", "integer model ({n} digits sent)", ACCENT),
    ("rtl", "RTL ({n} digits sent)", GOOD),
)


@dataclass(frozen=True)
class Group:
    """Records that ran together, on one design: a section of the page.

    ``anchor`` is its place on the page.
    """

    anchor: str
    title: str
    subtitle: str
    notes: list[str]
    runs: list[dict[str, Any]]
    pictures: list[Picture]


def groups(data: Mapping[str, Any], details: Sequence[Details]) -> list[Group]:
    """The sections of the page; digits are shown once per workload."""
    made, seen = [], set()
    for at, (group, detail) in enumerate(zip(data["groups"], details, strict=True)):
        runs = data["runs"][group["first"] : group["first"] + group["count"]]
        fresh = runs[0]["workload"] not in seen
        seen.add(runs[0]["workload"])
        shown = pictures(runs, group["accuracy"], detail, fresh)
        made.append(Group(f"g{at}", group["title"], group["subtitle"], group["notes"], runs, shown))
    return made


def pictures(
    records: Sequence[Mapping[str, Any]],
    accuracy: Mapping[str, float],
    details: Details,
    with_digits: bool = True,
) -> list[Picture]:
    """All figures that the records of a group allow, in order."""
    arrays = details.arrays
    made = []
    if accuracy and with_digits:
        made += _network_pictures(accuracy, arrays)
    design = registry.design(records[0]["design"])
    made.append(Picture("Where the cycles went", design.slots_text, plots.slot_bars(records)))
    if design.grid is not None and all("slots_per_pe" in one for one in records):
        made.append(
            Picture(
                "Where the slots of each PE went",
                "A square is a PE, where it lies in the grid; darker: more of its slots. Over a "
                "column of squares stands the share of all PEs together (cycle model, whose sums "
                "are the RTL's counters). A PE with less work waits for the fullest one.",
                plots.grid_accounts(records, design),
            )
        )
    elif any(len(set(one["busy_per_pe"])) > 1 for one in records):
        made.append(
            Picture(
                "Load of each PE",
                "Slots in which each PE works, over all samples, padding included (cycle model). "
                "A layer is done when the busiest PE is.",
                plots.pe_load(records),
            )
        )
    if maps := details.of_tiles():
        made.append(
            Picture(
                "Which slots had a weight",
                "Rows of the array against the weight tiles of a layer (model); darker: more "
                "columns have a weight other than zero. A pair of an output tile and a channel "
                "tile takes as many steps as its longest pattern has positions; white rows in "
                "one are those whose pattern is shorter, or that have no channel.",
                plots.tile_maps(maps, design.colour),
            )
        )
    if "levels" in arrays:
        starts, names = arrays["mark_cycles"].tolist(), arrays["mark_names"].tolist()
        made.append(
            Picture(
                "Queue occupancy over time",
                "Entries in the activation queue of each PE during one sample, from the RTL. One "
                "full queue stops the broadcast to all; an empty one leaves its PE without work.",
                plots.occupancy(
                    arrays["levels"],
                    arrays["level_cycles"],
                    int(arrays["level_depth"]),
                    list(zip(starts, names, strict=True)),
                ),
            )
        )
    made.append(
        Picture(
            "Memory accesses",
            "Words read and written in the on-chip memories, loading and output included.",
            plots.memory_bars(records),
        )
    )
    return made


def _network_pictures(accuracy: Mapping[str, float], arrays: Mapping[str, Any]) -> list[Picture]:
    made = []
    sent = len(arrays["labels"]) if "labels" in arrays else 0
    if "images" in arrays:
        wrong = int((arrays["predicted"] != arrays["labels"]).sum())
        made.append(
            Picture(
                "Digits, and what the RTL made of them",
                f"{sent} handwritten digits that training never saw, {wrong} of them taken for "
                "another (red, shown first).",
                plots.digits(arrays["images"], arrays["labels"], arrays["predicted"]),
            )
        )
    bars = [
        (label.format(n=sent or "the"), accuracy[key], colour)
        for key, label, colour in ACCURACY_BARS
        if key in accuracy
    ]
    made.append(
        Picture(
            "Accuracy",
            "Grey: all held-out digits, measured at training. Colour: the digits of this run. "
            "RTL and model must agree exactly.",
            plots.accuracy_bars(bars),
        )
    )
    return made


def cards(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, value, class) of the figures on top of the page."""
    records = data["runs"]
    exact = all(one["bit_exact"] for one in records)
    useful = sum(one["mac_useful"] for one in records)
    total = sum(one["mac_slots"] for one in records)
    worst = max((deviation(one) for one in records), key=abs)
    off = worst or any(one.get("counter_errors") for one in records)
    seconds = sum(one["sim_seconds"] for one in records)
    speed = sum(o["sim_cycles_per_second"] * o["sim_seconds"] for o in records)
    made = [
        ("outputs against golden", "bit-exact" if exact else "DIFFERS", "good" if exact else "bad"),
        ("outputs compared", number(sum(one["compared"] for one in records)), ""),
    ]
    rates = [one["accuracy"]["rtl"] for one in data["groups"] if "rtl" in one["accuracy"]]
    if rates:
        made.append(("accuracy in RTL", _range(rates), ""))
    made += [
        ("compute cycles", number(sum(one["cycles_compute"] for one in records)), ""),
        ("cycle model, worst layer", f"{100 * worst:+.2f} %", "bad" if off else ""),
        ("useful multiplier slots", percent(useful / total if total else 0), ""),
    ]
    if seconds:
        made.append(("simulated cycles/s", number(speed / seconds), ""))
    return made


def slot_columns(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(account, label) of the accounts that any of the records has slots in."""
    used = {name for one in records for name, count in accounts(one).items() if count}
    return [(one.name, one.label) for one in shown_accounts(records) if one.name in used]


def _range(shares: Sequence[float]) -> str:
    """'98.0 %', or '98.0 to 98.5 %'."""
    low, high = percent(min(shares), 1), percent(max(shares), 1)
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def silicon(records: Sequence[Mapping[str, Any]], path: Path = AREA) -> dict[str, float]:
    """Gates of each design as built, without its accounts, where ``make area`` knows them."""
    if not path.is_file():
        return {}
    lines = json.loads(path.read_text(encoding="utf-8"))["tops"]
    found = {}
    for one in records:
        if one["design"] in found or one["design"] not in registry.DESIGNS:
            continue
        kind = registry.design(one["design"]).config
        built, plain = kind(**one["config"]).parameters(), kind().parameters()
        for line in lines:
            if line["design"] == one["design"] and plain | line["parameters"] == built:
                found[one["design"]] = line["accelerator_gates"]
    return found


def comparisons(data: Mapping[str, Any]) -> list[Picture]:
    """Designs side by side: one picture per workload that ran on several."""
    return [
        Picture(
            f"Side by side: {name}",
            "The same layers with the same inputs on each design: compute cycles, bits read from "
            "the weight memories (indices and pointers too), and the energy estimate (see the "
            "table), summed over all samples.",
            plots.side_by_side(layers),
        )
        for name, layers in by_workload(data["runs"]).items()
    ]


def write_report(folder: Path) -> Path:
    """Make ``index.html`` in ``folder``; raises RecordError when its results are not right."""
    data = load_results(folder / "results.json")
    details = [Details.load(folder / "details.npz", at) for at in range(len(data["groups"]))]
    shown = groups(data, details)
    alone = len(shown) == 1
    names = list(dict.fromkeys(one["workload"] for one in data["runs"]))
    return written(
        folder / "index.html",
        "run.html.j2",
        made=environment(
            deviation=deviation,
            efficiency=efficiency,
            utilisation=utilisation,
            microseconds=microseconds,
            weight_bits=weight_bits,
            accounts=accounts,
            slot_columns=slot_columns,
            energy_label=energy_label,
            clock_mhz=CLOCK_MHZ,
        ),
        title=shown[0].title if alone else "Side by side",
        subtitle=shown[0].subtitle if alone else f"{', '.join(names)} on every design",
        cards=cards(data),
        groups=shown,
        comparisons=comparisons(data),
        compared=by_workload(data["runs"], data.get("missing", ())),
        missing=data.get("missing", ()),
        gates=silicon(data["runs"]),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    folder = folder_of(__doc__, arguments)
    try:
        print(write_report(folder))
    except RecordError as error:
        return cli.refused(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
