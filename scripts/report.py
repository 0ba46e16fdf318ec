"""The report page: ``results.json`` and ``details.npz`` of a run to ``index.html``.

``python -m scripts.report [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from scripts import report_plots as plots
from scripts.report_details import Details
from scripts.report_records import (
    CLOCK_MHZ,
    RecordError,
    deviation,
    efficiency,
    load_results,
    microseconds,
    utilisation,
)
from scripts.report_tables import build_text, number, percent, shape_text

TEMPLATES = Path(__file__).resolve().parent / "templates"
#: page beside the report -> what a link to it says
NEIGHBOURS = {
    "index.html": "Run",
    "bench.html": "Benchmark",
    "formats.html": "Formats",
    "coverage/index.html": "Coverage",
}
ACCURACY_BARS = (
    ("held_out_dense", "float, dense (held out)", "#9fb3c8"),
    ("held_out_pruned", "float, pruned (held out)", "#829ab1"),
    ("held_out_quantized", "integer, 16 shared weights (held out)", "#627d98"),
    ("model", "integer model ({n} digits sent)", plots.ACCENT),
    ("rtl", "RTL ({n} digits sent)", plots.GOOD),
)


@dataclass(frozen=True)
class Picture:
    """A figure with its title and how to read it."""

    title: str
    text: str
    html: str


def environment() -> jinja2.Environment:
    """Templates, with the filters of the terminal tables."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number=number, percent=percent, shape=shape_text)
    made.globals.update(
        deviation=deviation,
        efficiency=efficiency,
        utilisation=utilisation,
        microseconds=microseconds,
        clock_mhz=CLOCK_MHZ,
    )
    return made


def links(folder: Path, here: str) -> list[tuple[str, str, bool]]:
    """(address, text, is this page) of the pages that exist beside this one."""
    return [
        (address, text, address == here)
        for address, text in NEIGHBOURS.items()
        if address == here or (folder / address).is_file()
    ]


def pictures(data: Mapping[str, Any], details: Details) -> list[Picture]:
    """All figures the data allow, in order."""
    records, arrays = data["runs"], details.arrays
    made = []
    if data.get("accuracy"):
        made += _network_pictures(data["accuracy"], arrays)
    made.append(
        Picture(
            "Where the cycles went",
            "Every compute cycle gives each PE one multiplier slot. Useful: both operands not "
            "zero. No operand: the PE waits for the next non-zero activation or for its queue. "
            "A layer with few outputs leaves most PEs without work: one activation is broadcast "
            "per cycle, and only PEs with a non-zero weight in its column multiply.",
            plots.slot_bars(records),
        )
    )
    if any(one.get("busy_per_pe") for one in records):
        made.append(
            Picture(
                "Load of each PE",
                "Slots in which each PE works, over all samples, padding included (cycle model). "
                "A layer is done when the busiest PE is.",
                plots.pe_load([one for one in records if one.get("busy_per_pe")]),
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
    useful = sum(one["useful_macs"] for one in records)
    total = sum(one["mac_slots"] for one in records)
    worst = max((deviation(one) for one in records), key=abs)
    seconds = sum(one["sim_seconds"] for one in records)
    speed = sum(o["sim_cycles_per_second"] * o["sim_seconds"] for o in records)
    made = [
        ("outputs against golden", "bit-exact" if exact else "DIFFERS", "good" if exact else "bad"),
        ("outputs compared", number(sum(one["compared"] for one in records)), ""),
    ]
    if "rtl" in data.get("accuracy", {}):
        made.append(("accuracy in RTL", percent(data["accuracy"]["rtl"], 1), ""))
    made += [
        ("compute cycles", number(sum(one["cycles"] for one in records)), ""),
        ("cycle model, worst layer", f"{100 * worst:+.2f} %", "" if abs(worst) <= 0.02 else "bad"),
        ("useful multiplier slots", percent(useful / total if total else 0), ""),
    ]
    if seconds:
        made.append(("simulated cycles/s", number(speed / seconds), ""))
    return made


def samples(count: int) -> str:
    """'1 sample', '200 samples'."""
    return f"{count} sample{'' if count == 1 else 's'}"


def write_report(folder: Path) -> Path:
    """Make ``index.html`` in ``folder``; raises RecordError when its results are not right."""
    data = load_results(folder / "results.json")
    details = Details.load(folder / "details.npz")
    page = environment().get_template("run.html.j2")
    first = data["runs"][0]
    html = page.render(
        title=f"{first['design'].upper()}: {first['workload']}",
        subtitle=f"{build_text(first)}, {first['simulator']}, {samples(first['samples'])}",
        links=links(folder, "index.html"),
        cards=cards(data),
        runs=data["runs"],
        notes=data.get("notes", []),
        pictures=pictures(data, details),
    )
    target = folder / "index.html"
    target.write_text(html, encoding="utf-8")
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/report"))
    options = parser.parse_args(arguments)
    try:
        print(write_report(options.folder))
    except RecordError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
