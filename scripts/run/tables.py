"""Terminal tables of measured layers. Every table says what its numbers assume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.markup import escape

from models import registry
from scripts.console import Table
from scripts.measure.records import (
    CLOCK_MHZ,
    MEMORY_LABELS,
    accounts,
    bound,
    deviation,
    efficiency,
    microseconds,
    shown_accounts,
    utilisation,
    weight_bits,
)
from scripts.pages.text import number, percent, shape_text, verdict
from scripts.pages.text import table as plain_table

Record = Mapping[str, Any]
#: Layers that fit beside each other into a terminal of 80 columns.
COLUMNS = 3


def group_subtitle(records: Sequence[Record]) -> str:
    """Build, simulator and number of samples of records that ran together."""
    first = records[0]
    count = first["samples"]
    return f"{build_text(first)}, {first['simulator']}, {count} sample{'' if count == 1 else 's'}"


def build_text(record: Record) -> str:
    """The build in a few words, for captions."""
    design = registry.design(record["design"])
    return ", ".join([design.title, *design.words(record["config"])])


def assumptions(records: Sequence[Record]) -> str:
    """What all numbers of a run assume."""
    first = records[0]
    return (
        f"{build_text(first)}, {first['simulator']}. Cycles: compute only, weights and activations "
        f"already loaded. Sums over all samples; us per sample at {CLOCK_MHZ} MHz. Lower bound: "
        f"the greater of one broadcast per cycle and one useful multiply per PE and cycle."
    )


def _by_layer(
    title: str,
    caption: str,
    records: Sequence[Record],
    rows: Sequence[tuple[str, Callable[[Record], str]]],
) -> Table:
    """One column per layer, one line per measure: fits a terminal of 80 columns."""
    table = plain_table(title, caption, [""], [one["layer"] for one in records])
    for name, text in rows:
        table.add_row(name, *(text(one) for one in records))
    return table


def check_table(records: Sequence[Record]) -> Table:
    """Bit-exactness, cycles and the cycle model of each layer."""
    return _by_layer(
        "Layers in RTL, every output against golden",
        assumptions(records),
        records,
        (
            ("result", lambda one: verdict(one["bit_exact"])),
            ("shape", lambda one: shape_text(one["shape"])),
            ("samples", lambda one: number(one["samples"])),
            ("outputs compared", lambda one: number(one["compared"])),
            ("weight density", lambda one: percent(one["weight_density"])),
            ("input density", lambda one: percent(one["activation_density"])),
            ("cycles in RTL", lambda one: number(one["cycles_compute"])),
            ("cycles of the model", lambda one: number(one["cycles_model"])),
            ("deviation", lambda one: f"{100 * deviation(one):+.2f} %"),
            ("cycles, lower bound", lambda one: number(bound(one))),
            (
                "us per sample",
                lambda one: f"{microseconds(one['cycles_compute']) / one['samples']:.3f}",
            ),
        ),
    )


def slot_table(records: Sequence[Record]) -> Table:
    """Where the multiplier slots went."""

    def share(key: str) -> Callable[[Record], str]:
        return lambda one: percent(accounts(one).get(key, 0) / max(one["mac_slots"], 1))

    rows = [(one.label, share(one.name)) for one in shown_accounts(records) if one.name != "useful"]
    return _by_layer(
        "Multiplier slots (multipliers x compute cycles)",
        "Utilisation: useful multiplies over slots, padding not counted as work. Efficiency: "
        "padding counted as work (as in EIE's figure 8). Load balance: work of all PEs over PEs x "
        f"work of the busiest, run by run. {registry.design(records[0]['design']).slots_text} "
        "Idle: what no counter explains.",
        records,
        (
            ("slots", lambda one: number(one["mac_slots"])),
            ("useful multiplies", lambda one: number(one["mac_useful"])),
            ("utilisation", lambda one: percent(utilisation(one))),
            *rows,
            ("efficiency", lambda one: percent(efficiency(one))),
            ("load balance", lambda one: percent(one["load_balance"])),
        ),
    )


def stall_table(records: Sequence[Record]) -> Table:
    """Stalls and the cycles around the computation."""

    def plain(key: str) -> Callable[[Record], str]:
        return lambda one: number(one[key])

    def stall(key: str) -> Callable[[Record], str]:
        return lambda one: number(one["stalls"][f"stall_{key}"])

    return _by_layer(
        "Cycles around the computation, and stalls by cause",
        "Load: weights once, activations of each sample.",
        records,
        (
            ("all cycles", plain("cycles")),
            ("- load", plain("cycles_load")),
            ("- compute", plain("cycles_compute")),
            ("- output", plain("cycles_output")),
            ("queue full, cycles", stall("queue_full")),
            ("output held, cycles", stall("output")),
            ("no operand, slots", stall("input")),
            ("synchronisation, slots", stall("sync")),
            ("bank conflict, slots", stall("bank")),
            ("broadcasts", plain("broadcasts")),
            ("bypass hits", plain("bypass_hits")),
        ),
    )


def memory_table(records: Sequence[Record]) -> Table:
    """Reads and writes of each memory class."""

    def access(name: str, way: str) -> Callable[[Record], str]:
        return lambda one: number(one["memory"][name][way])

    return _by_layer(
        "Memory accesses",
        "On-chip memories, one access = one word of that memory; loading and output included.",
        records,
        [
            (f"{MEMORY_LABELS[name]} {way}", access(name, way))
            for name in records[0]["memory"]
            for way in ("reads", "writes")
        ],
    )


def accuracy_table(accuracy: Mapping[str, float], samples: int) -> Table:
    """Accuracy in RTL beside the model's and the float network's."""
    table = plain_table(
        "Accuracy",
        "Held out: all held-out digits of the training run. Dense and pruned are float networks; "
        "quantized has the 16-entry codebook and integer arithmetic, as in RTL.",
        ("network", "digits"),
        ("accuracy",),
    )
    names = {
        "rtl": ("RTL, simulated", f"{samples} sent"),
        "model": ("integer model", f"the same {samples}"),
        "held_out_dense": ("float, dense", "held out"),
        "held_out_pruned": ("float, pruned", "held out"),
        "held_out_quantized": ("integer, quantized", "held out"),
    }
    for key, (network, digits) in names.items():
        if key in accuracy:
            table.add_row(network, digits, percent(accuracy[key], 2))
    return table


def side_by_side(data: Mapping[str, Any]) -> Table:
    """Designs on the same layers: one line per layer and design, sums of each workload below."""
    table = plain_table(
        "Side by side",
        "Cycles: compute only, over all samples. Useful: useful multiplies per multiplier slot. "
        "Weights, inputs: Mbit read from the memories (indices and pointers with the weights). "
        f"Energy: estimate, DRAM traffic included; {energy_label(data['runs'])}.",
        ("layer", "design"),
        ("cycles", "useful", "weights", "inputs", "uJ"),
    )
    table.columns[0].overflow = "fold"  # a name gives way before a figure does
    for column in table.columns[1:]:
        column.no_wrap = True
    missing = data.get("missing", ())
    for name, layers in by_workload(data["runs"], missing).items():
        table.add_row("", f"[bold]{name}[/bold]", end_section=True)
        for layer, records in layers.items():
            for one in records:
                text = layer if one is records[0] else ""
                table.add_row(text, one["design"], *_figures([one]), end_section=one is records[-1])
        every = [one for records in layers.values() for one in records]
        for at, design in enumerate(dict.fromkeys(one["design"] for one in every)):
            mine = [one for one in every if one["design"] == design]
            table.add_row("" if at else "all", design, *_figures(mine))
        for one in missing:
            if one["workload"] == name:
                table.add_row("", one["design"], "missing", *["-"] * 4, style="yellow")
        table.add_section()
    for one in missing:
        why = escape(f"{one['design']}, {one['workload']}: {one['reason']}")
        table.caption = f"{table.caption or ''}\nMissing: {why}."
    return table


def energy_label(records: Sequence[Record]) -> str:
    """Where the energies of a run come from: file and source of its table."""
    return ", ".join(dict.fromkeys(one.get("energy_table") or "table unknown" for one in records))


def by_workload(
    records: Sequence[Record], missing: Sequence[Mapping[str, str]] = ()
) -> dict[str, dict[str, list[Record]]]:
    """{workload: {layer: records, one per design}}; only workloads of several designs, those that
    are ``missing`` counted.
    """
    found: dict[str, dict[str, list[Record]]] = {}
    for one in records:
        found.setdefault(one["workload"], {}).setdefault(one["layer"], []).append(one)
    return {
        name: layers
        for name, layers in found.items()
        if len(
            {one["design"] for group in layers.values() for one in group}
            | {one["design"] for one in missing if one["workload"] == name}
        )
        > 1
    }


def _figures(records: Sequence[Record]) -> list[str]:
    """Cells of ``side_by_side`` for the sum of some records."""
    useful = sum(one["mac_useful"] for one in records)
    total = sum(one["mac_slots"] for one in records)
    return [
        number(sum(one["cycles_compute"] for one in records)),
        percent(useful / total if total else 0),
        f"{sum(weight_bits(one) for one in records) / 1e6:,.2f}",
        f"{sum(one['bits_moved']['act']['reads'] for one in records) / 1e6:,.2f}",
        f"{sum(sum(one['energy_pj'].values()) for one in records) / 1e6:,.2f}",
    ]


def run_tables(records: Sequence[Record]) -> list[Table]:
    """All tables of a run, in order; many layers are several tables side by side."""
    made = []
    for table in (check_table, slot_table, stall_table, memory_table):
        parts = [records[at : at + COLUMNS] for at in range(0, len(records), COLUMNS)]
        tables = [table(part) for part in parts]
        for one in tables[:-1]:
            one.caption = None
        for one in tables[1:]:
            one.title = None
        made += tables
    return made
