"""``make bench DESIGN=scnn``: the 73 layers of SCNN's evaluation, and the studies of its paper.

As published and ours, on maps of two kinds, beside the paper's baseline, its figures and the
project's own dense array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.workloads.scnn import GOALS, MAPS, NETWORKS, SIMULATED
from scripts.bench.networks.evaluation import Case as AnyCase
from scripts.bench.networks.evaluation import Data, Evaluation, Record
from scripts.bench.networks.scnn import plots, results, studies, tables
from scripts.bench.networks.scnn.cases import VARIANTS, Case
from scripts.bench.networks.tables import networks, three

_ASSUMES = (
    "Network: total cycles over total cycles. DCNN, the paper's baseline: as many PEs and "
    "multipliers, the plane cut in the same way, a 16-wide dot product in each PE that loses "
    "nothing in the channels. Our dense array: 32 x 32 multipliers, weight stationary, its cycle "
    "model, which equals its RTL. Compute cycles, weights and activations of a pass already "
    "loaded, of the whole layer, none extrapolated. Maps: iid, or clustered as "
    "models/workloads/scnn.py says; neither was fitted."
)


def _totals(records: Sequence[Record]) -> dict[str, Any]:
    """array_speedup: over the project's own dense array."""
    total = sum(one["cycles"] for one in records)
    return {"array_speedup": round(sum(one["array_cycles"] for one in records) / total, 4)}


def _plan(records: Sequence[Record]) -> str:
    """How ours runs a layer."""
    for one in records:
        if (one["variant"], one["maps"]) == ("tuned", "iid"):
            plans = dict.fromkeys((kc, shape) for kc, shape, *_ in one["plans"])
            return ", ".join(f"Kc {kc} shape {shape}" for kc, shape in plans)
    return ""


def _asked(case: AnyCase) -> bool:
    """Whether late layers need it."""
    return case.layer.startswith("googlenet-5") and case.maps == "iid"


def _for_docs(data: Data) -> dict[str, Any]:
    """What docs/scnn.md shows: whole networks and the studies."""
    return {
        "summary": [one for one in data["summary"] if one["whole"]],
        "studies": {
            **data["studies"],
            "slots": [one for one in data["studies"]["slots"] if one["layer"] != results.SOME],
        },
        "assumes": data["assumes"],
    }


EVALUATION = Evaluation(
    title="SCNN: the networks of the paper",
    subtitle="AlexNet, GoogLeNet and VGG-16 layer by layer, and the studies",
    assumes=_ASSUMES,
    networks=NETWORKS,
    names=tables.NETWORK_NAMES,
    variants=VARIANTS,
    maps=MAPS,
    baseline=Case.baseline,
    case=Case,
    goal=lambda network, variant, maps: GOALS[variant][network] if maps == "iid" else None,
    simulated=lambda layer, variant: variant == "tuned" and layer.startswith(SIMULATED),
    sources="AlexNet and GoogLeNet's 3a, 4d and 5b, ours,",
    brief=True,
    schema={
        "array_cycles": (int, "compute cycles of the project's dense array"),
        "memory": (dict, "accesses by class of memory: {class: {reads, writes}}"),
        "merged": (bool, "whether products of one address are merged (MERGE)"),
        "cropped": (bool, "whether only a part of the layer ran"),
        "plans": (list, "of the passes: [Kc, shape, width, height of a PE's tile]"),
    },
    totals=_totals,
    totalled={"array_speedup": (float, "speed-up over the project's dense array")},
    columns=(("over our dense array", "array_speedup", three),),
    remark=("ours runs as", _plan),
    reading="Shape 0: 4 weights x 4 activations, 1: 8 x 2, 2: 16 x 1.",
    colours=plots.COLOURS,
    studied=studies.every_case,
    asked=_asked,
    results=results.of_studies,
    tables=(
        ("sensitive", tables.sensitive),
        ("slots", tables.slots),
        ("late", tables.late),
        ("density", tables.density),
        ("large_pes", tables.large_pes),
        ("crossbar", tables.crossbar),
        ("merging", tables.merging),
        ("crops", tables.crops),
    ),
    pictures={
        "crossbar": ("Crossbar", plots.crossbar),
        "density": ("Density", plots.density),
        "late": ("Late 1 x 1 layers", plots.late),
        "merging": ("Merging", plots.merging),
    },
    docs={
        "networks": networks,
        "rows": tables.rows,
        "slots": tables.slots,
        "late": tables.late,
        "density": tables.density,
        "large_pes": tables.large_pes,
        "crossbar": tables.crossbar,
        "merging": tables.merging,
        "crops": tables.crops,
    },
    kept_for_docs=_for_docs,
    counts_rows=True,
)
