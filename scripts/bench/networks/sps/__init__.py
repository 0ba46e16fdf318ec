"""``make bench DESIGN=sps``: periodic patterns on VGG-16 and ResNet-18, and what the paper claims.

The paper (Heo et al., "SPS", ISLPED 2022) gives no speed-up: goals are ours. Its claims of storage
and energy stand beside ours in the studies.
"""

from __future__ import annotations

from models.workloads.sps import EVALUATED
from scripts.bench.networks.evaluation import Evaluation
from scripts.bench.networks.sps import plots, results, tables
from scripts.bench.networks.sps.cases import KINDS, VARIANTS, Case, simulated
from scripts.bench.networks.tables import networks
from scripts.granularity.tables import percent
from scripts.measure.schema import OPEN_NUMBER

_ASSUMES = (
    "Network: total cycles over total cycles, VGG-16's 13 layers (the first one dense) and "
    "ResNet-18's 3x3 layers. The dense array: 16 x 16 multipliers as in SPS, memories of the same "
    "size, its cycle model, which equals its RTL. Compute cycles, weights and activations of a "
    "pass already loaded. Patterns and weights are drawn at random, a kernel's pattern is "
    "(k + c) mod P; half of the activations are zero, which changes no cycle. One full: a pattern "
    "of the period keeps all nine places, as in the published code of pre-defined sparsity. "
    "One offset: the build without an offset for each row."
)
_COLOURS = ("#79b79d", "#2a7f62", "#2f6db5", "#7b6fb0", "#c9c2e0", "#9fb3c8", "#f0c987",
            "#e0a030")  # fmt: skip

EVALUATION = Evaluation(
    title="SPS: periodic patterns",
    subtitle="VGG-16 and ResNet-18 layer by layer, and the claims of the paper",
    assumes=_ASSUMES,
    networks=EVALUATED,
    names=tables.NETWORK_NAMES,
    variants=VARIANTS,
    baseline=Case.baseline,
    case=Case,
    goal=lambda network, variant, maps: KINDS[variant].goal,
    simulated=simulated,
    sources="four layers",
    schema={
        "operands": (int, "slots with a weight, the border included"),
        "whole": (bool, "whether patterns are of one size and their outputs fill whole tiles"),
    },
    totals=results.totals,
    totalled={
        "filled": (float, "slots with a weight over all"),
        "filled_whole": (OPEN_NUMBER, "the same of layers that are whole, null if none is"),
        "layers_whole": (int, "layers that are whole"),
    },
    columns=(("slots with a weight, %", "filled", percent),),
    colours={(name, "iid"): one for name, one in zip(VARIANTS, _COLOURS, strict=True)},
    claims=results.of_claims,
    tables=(
        ("storage", tables.storage),
        ("periods", tables.periods),
        ("energy", tables.energy),
        ("silicon", tables.silicon),
        ("accuracy", tables.accuracy),
    ),
    pictures={"energy": ("Energy", plots.energy), "accuracy": ("Accuracy", plots.accuracy)},
    docs={
        "networks": networks,
        "slots": tables.slots,
        "storage": tables.storage,
        "periods": tables.periods,
        "energy": tables.energy,
        "silicon": tables.silicon,
        "accuracy": tables.accuracy,
    },
    drawn=("networks", "energy", "accuracy"),
    kept_for_docs=results.for_docs,
)
