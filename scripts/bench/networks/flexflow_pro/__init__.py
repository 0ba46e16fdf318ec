"""``make bench DESIGN=flexflow_pro``: the networks of SCNN's evaluation, and what relaxes them.

Over the same build in lock step, which is FlexFlow; the paper's two ratios, over other
accelerators, stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.workloads.flexflow_pro import GOALS, MAPS, MEAN_GOALS, NETWORKS, PUBLISHED
from scripts.bench.networks.evaluation import Evaluation, Record
from scripts.bench.networks.flexflow_pro import plots, results, studies, tables
from scripts.bench.networks.flexflow_pro.cases import VARIANTS, Case, simulated
from scripts.bench.networks.results import for_docs
from scripts.bench.networks.tables import networks, two

_ASSUMES = (
    "Network: total cycles over total cycles; mean: of the three ratios. Lock step: the same 16 x "
    "16 PEs with RELAXED = 0, every layer mapped as is best for that: FlexFlow. Compute cycles, "
    "weights and activations of a pass already loaded, and mapped for as few of those as can be; "
    "least in total: loading counts where the compiler chooses. It sees other maps than those that "
    "run. Shapes and densities are those of SCNN's "
    "evaluation, values are drawn; maps: iid, or clustered as models/workloads/scnn.py says. No "
    "thresholds here: only zeros are left out. Possible: every pair takes one slot and no slot is "
    "without. The paper's mean is over other accelerators and other networks, which are not known."
)


def _plan(records: Sequence[Record]) -> str:
    """How a layer is mapped, relaxed and balanced."""
    for one in records:
        if (one["variant"], one["maps"]) == ("tuned", "iid"):
            plans = dict.fromkeys(tuple(plan[:4]) for plan in one["plans"])
            return "; ".join(" ".join(str(part) for part in plan) for plan in plans)
    return ""


EVALUATION = Evaluation(
    title="FlexFlow-Pro: relaxed synchronisation",
    subtitle="AlexNet, GoogLeNet and VGG-16 layer by layer, over lock step, and the studies",
    assumes=_ASSUMES,
    networks=NETWORKS,
    names=tables.NETWORK_NAMES,
    variants=VARIANTS,
    maps=MAPS,
    baseline=Case.baseline,
    case=Case,
    goal=lambda network, variant, maps: (
        GOALS.get(variant, {}).get(network) if maps == MAPS[0] else None
    ),
    mean_goal=lambda variant, maps: MEAN_GOALS.get(variant) if maps == MAPS[0] else None,
    published=PUBLISHED,
    simulated=simulated,
    sources="AlexNet's conv3 to conv5, GoogLeNet's 3a, 4d, 5b, VGG's conv4_2, conv5_1, balanced,",
    schema={
        "crop": (bool, "whether only a part of the layer ran"),
        "energy_pj": (dict, "estimate by cause, pJ"),
        "loaded_words": (dict, "64-bit words by stream"),
        "plans": (list, "of the passes: [taps, maps, log2 of the groups, cells, ring]"),
    },
    totals=results.totals,
    totalled={"bound": (float, "speed-up if every pair took a slot and no slot were without")},
    columns=(("possible", "bound", two),),
    remark=("taps, maps, groups, cells", _plan),
    reading="Mapping as is chosen for the balanced variant: log2 of the groups of pixels.",
    colours=plots.COLOURS,
    studied=studies.every_case,
    results=results.of_studies,
    claims=results.of_claims,
    tables=(
        ("slots", tables.slots),
        ("fifo", tables.fifo),
        ("builds", tables.builds),
        ("density", tables.density),
        ("energy", tables.energy),
        ("loading", tables.loading),
        ("calibration", tables.calibration),
        ("silicon", tables.silicon),
        ("thresholds", tables.thresholds),
        ("tiny", tables.cycles),
        ("simulated", tables.simulated),
    ),
    pictures={
        "fifo": ("FIFO depth", plots.fifo),
        "density": ("Density", plots.density),
        "energy": ("Energy", plots.energy),
        "thresholds": ("Tiny values", plots.thresholds),
    },
    docs={
        "networks": networks,
        "slots": tables.slots,
        "fifo": tables.fifo,
        "builds": tables.builds,
        "density": tables.density,
        "energy": tables.energy,
        "loading": tables.loading,
        "calibration": tables.calibration,
        "silicon": tables.silicon,
        "thresholds": tables.thresholds,
        "cycles": tables.cycles,
        "simulated": tables.simulated,
    },
    drawn=("networks", "fifo", "density", "energy", "thresholds"),
    kept_for_docs=for_docs,
)
