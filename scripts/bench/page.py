"""Tables and page of the benchmark: ``bench.json`` and ``studies.json`` to ``bench.html``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models import registry
from models.design import Study, Suite
from scripts.bench.tasks import suite as bench_suite
from scripts.console import Table
from scripts.measure.records import (
    BENCH_SCHEMA,
    CLOCK_MHZ,
    deviation,
    geomean,
    load_results,
    microseconds,
)
from scripts.pages.figure import ACCENT, GOOD
from scripts.pages.frame import Picture, environment, written
from scripts.pages.text import percent
from scripts.run import plots
from scripts.run.tables import build_text

Record = Mapping[str, Any]
VARIANT_COLOURS = (ACCENT, GOOD, "#e0a030", "#7b6fb0")


def by_layer(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One line per layer: means over the seeds, worst deviation, every check."""
    lines = []
    for layer in dict.fromkeys(one["layer"] for one in records):
        mine = [one for one in records if one["layer"] == layer]
        line = {
            "layer": layer,
            "paper_theoretical_us": mine[0]["paper_theoretical_us"],
            "paper_actual_us": mine[0]["paper_actual_us"],
            "paper_ratio": mine[0]["paper_ratio"],
            "theoretical_us": microseconds(_mean(one["baseline_cycles"] for one in mine)),
            "exact": all(one["bit_exact"] for one in mine),
            "deviation": max((deviation(one) for one in mine), key=abs),
            "speed": _mean(one["sim_cycles_per_second"] for one in mine),
            "us": {},
            "ratio": {},
            "met": True,
        }
        for variant in dict.fromkeys(one["variant"] for one in mine):
            some = [one for one in mine if one["variant"] == variant]
            line["us"][variant] = microseconds(_mean(one["cycles_compute"] for one in some))
            line["ratio"][variant] = geomean(one["ratio"] for one in some)
            if variant == _suite(mine).goal[0]:
                line["met"] = all(one["ratio"] <= one["paper_ratio"] for one in some)
        lines.append(line)
    return lines


def _suite(records: Sequence[Record]) -> Suite:
    """The suite that records are of; they are of one design."""
    return bench_suite(records[0]["design"])


def _variants_text(records: Sequence[Record]) -> str:
    """What the variants are."""
    known = registry.design(records[0]["design"]).variants
    return " ".join(f"{name}: {known[name].text}." for name in variants(records))


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)


def variants(records: Sequence[Record]) -> list[str]:
    """Variants that ran, in order."""
    return list(dict.fromkeys(one["variant"] for one in records))


def means(lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Geometric means of the ratios: ``paper`` and each variant."""
    names = dict.fromkeys(name for line in lines for name in line["ratio"])
    return {
        "paper": geomean(line["paper_ratio"] for line in lines),
        **{name: geomean(line["ratio"][name] for line in lines) for name in names},
    }


def _columns(title: str, caption: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    table.add_column("layer")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _seeds(records: Sequence[Record]) -> str:
    seeds = sorted({one["seed"] for one in records})
    return f"mean over seeds {', '.join(map(str, seeds))}" if len(seeds) > 1 else f"seed {seeds[0]}"


def time_table(records: Sequence[Record]) -> Table:
    """Microseconds of the paper and ours."""
    names = variants(records)
    table = _columns(
        f"Time per layer in microseconds at {CLOCK_MHZ} MHz",
        f"{build_text({**records[0], 'config': _shared(records)})}, {_seeds(records)}. "
        f"{_suite(records).assumes}",
        (
            "paper,\ntheoretical",
            "paper,\nactual",
            "ours,\ntheoretical",
            *(f"ours,\n{n}" for n in names),
        ),
    )
    for line in by_layer(records):
        table.add_row(
            line["layer"],
            f"{line['paper_theoretical_us']:.1f}",
            f"{line['paper_actual_us']:.1f}",
            f"{line['theoretical_us']:.2f}",
            *(f"{line['us'][n]:.2f}" if n in line["us"] else "-" for n in names),
        )
    return table


def _shared(records: Sequence[Record]) -> dict[str, Any]:
    """What all configurations have in common (the variants differ in their options)."""
    first = records[0]["config"]
    return {k: v for k, v in first.items() if all(r["config"].get(k) == v for r in records)}


def ratio_table(records: Sequence[Record]) -> Table:
    """Actual over theoretical time, goals, cycle model, bit-exactness."""
    names = variants(records)
    lines, goal = by_layer(records), _suite(records).goal[0]
    table = _columns(
        "Actual over theoretical time",
        f"{_variants_text(records)} Goal: {goal} at most the paper's on each layer (every seed). "
        "Model: cycle model against RTL, worst run.",
        ("paper", *names, "goal", "model", "outputs", "cycles/s"),
    )
    for line in lines:
        met = "[green]met[/green]" if line["met"] else "[bold red]missed[/bold red]"
        table.add_row(
            line["layer"],
            f"{line['paper_ratio']:.3f}",
            *(f"{line['ratio'][n]:.3f}" if n in line["ratio"] else "-" for n in names),
            met if goal in line["ratio"] else "-",
            f"{100 * line['deviation']:+.2f} %",
            "[green]exact[/green]" if line["exact"] else "[bold red]DIFFER[/bold red]",
            f"{line['speed']:,.0f}",
        )
    if all(set(names) == set(line["ratio"]) for line in lines):
        mean = means(lines)
        table.add_section()
        table.add_row("geometric mean", *(f"{mean[n]:.3f}" for n in ("paper", *names)))
    return table


def study_table(points: Sequence[Record], study: Study) -> Table:
    """Efficiency of each layer and variant against the study's parameter."""
    at = sorted({point[study.key] for point in points})
    table = _columns(
        f"Efficiency against the {study.label}, in percent",
        "Efficiency: 1 - idle slots / slots, padding counted as work (the paper's figures 8, 13). "
        "* from the cycle model, the others from RTL.",
        [str(value) for value in at],
    )
    found = {(p["layer"], p["variant"], p[study.key]): p for p in points}
    for layer, variant in dict.fromkeys((p["layer"], p["variant"]) for p in points):
        cells = []
        for value in at:
            point = found.get((layer, variant, value))
            star = "*" if point and point["source"] == "model" else ""
            cells.append(f"{100 * point['efficiency']:.0f}{star}" if point else "-")
        table.add_row(f"{layer} {variant}", *cells)
    return table


def pictures(
    lines: Sequence[Mapping[str, Any]], records: Sequence[Record], points: Sequence[Record]
) -> list[Picture]:
    """Figures of the page."""
    series = {"paper": ([line["paper_ratio"] for line in lines], "#9fb3c8")}
    for name, colour in zip(variants(records), VARIANT_COLOURS, strict=False):
        if all(name in line["ratio"] for line in lines):
            series[name] = ([line["ratio"][name] for line in lines], colour)
    made = [
        Picture(
            "Actual over theoretical time",
            "1 is a machine whose PEs never wait. Below 1: padding that costs no slot any more is "
            "still counted in the theoretical time.",
            plots.ratios([line["layer"] for line in lines], series),
        )
    ]
    for name in variants(records):
        first = [r for r in records if r["variant"] == name]
        first = [r for r in first if r["seed"] == first[0]["seed"]]
        made.append(
            Picture(
                f"Where the cycles went, {name}",
                "Share of the multiplier slots (PEs x compute cycles).",
                plots.slot_bars(first),
            )
        )
    for study, label in ((one.key, one.label) for one in _suite(records).studies):
        some = [p for p in points if p["study"] == study]
        if some:
            made.append(
                Picture(
                    f"Efficiency against the {label}",
                    "1 - idle slots / slots, padding counted as work (the paper's figures 8, 11 to "
                    "13). Filled: RTL, every output checked. Hollow: cycle model.",
                    plots.study(some, study, label, f"efficiency_against_{study}"),
                )
            )
    return made


def cards(
    lines: Sequence[Mapping[str, Any]], records: Sequence[Record]
) -> list[tuple[str, str, str]]:
    """(label, value, class) of the figures on top."""
    exact = all(line["exact"] for line in lines)
    mean = means(lines)
    worst = max((line["deviation"] for line in lines), key=abs)
    made = [
        ("outputs against golden", "bit-exact" if exact else "DIFFERS", "good" if exact else "bad"),
        ("runs", str(len(records)), ""),
        ("paper, mean ratio", f"{mean['paper']:.3f}", ""),
    ]
    made += [(f"ours {name}, mean ratio", f"{mean[name]:.3f}", "") for name in variants(records)]
    made.append(
        ("cycle model, worst run", f"{100 * worst:+.2f} %", "" if abs(worst) <= 0.02 else "bad")
    )
    return made


def write_bench(folder: Path) -> Path:
    """Make ``bench.html`` from what is in ``folder``."""
    data = load_results(folder / "bench.json", BENCH_SCHEMA)
    studies = folder / "studies.json"
    points = json.loads(studies.read_text())["points"] if studies.is_file() else []
    records = data["runs"]
    lines = by_layer(records)
    first = records[0]
    return written(
        folder / "bench.html",
        "bench.html.j2",
        made=environment(clock_mhz=CLOCK_MHZ),
        title=f"{registry.design(first['design']).title}: the layers of the paper",
        subtitle=f"{build_text({**first, 'config': _shared(records)})}, {first['simulator']}, "
        f"{_seeds(records)}",
        cards=cards(lines, records),
        assumed=_suite(records).assumes,
        lines=lines,
        means=means(lines),
        variants=variants(records),
        pictures=pictures(lines, records, points),
        percent=percent,
    )
