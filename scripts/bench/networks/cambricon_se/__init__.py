"""``make bench DESIGN=cambricon_se``: networks pruned by blocks over a selector in each PE.

The baseline is Cambricon-X as this project reads it, as many multipliers from the same source; what
the papers say stands beside.
"""

from __future__ import annotations

from models.workloads.cambricon_se import GOALS, MAPS
from scripts.bench.networks.cambricon_se import plots, results, studies, tables
from scripts.bench.networks.cambricon_se.cases import (
    NETWORK_NAMES,
    ROWS,
    VARIANTS,
    Case,
    drawn_in,
    simulated,
)
from scripts.bench.networks.evaluation import Evaluation
from scripts.bench.networks.tables import networks, two

_ASSUMES = (
    "Network: total cycles over total cycles, of the convolutions at the densities of SCNN's "
    "evaluation; fc: fully connected layers at EIE's. Two cores of 16 x 16 multipliers, window "
    "128. X-like: the same build with Selector 2, a selector and masks in each PE, which leaves "
    "out zero weights, not zero neurons; its weights stay or go one by one, as many as the others "
    "have in blocks of 16 outputs (fully connected: 32 x 32, 16 x 16). 20 % more: blocks have to "
    "keep more weights for the same accuracy (docs/coarse.md); X-like does not. Compute cycles, "
    "weights and activations of a pass already loaded; words a cycle: what the streams move "
    "besides, 64 bits each, for every compute cycle. Dense: a slot for each multiply, none lost. "
    "Values and patterns are drawn; maps: iid, or clustered as models/workloads/scnn.py says."
)

EVALUATION = Evaluation(
    title="Cambricon-SE: coarse-grained sparsity",
    subtitle="AlexNet, VGG-16 and GoogLeNet pruned by blocks, over a selector in each PE",
    assumes=_ASSUMES,
    networks=ROWS,
    names=NETWORK_NAMES,
    variants=VARIANTS,
    maps=MAPS,
    drawn_in=drawn_in,
    baseline=Case.baseline,
    case=Case,
    goal=lambda network, variant, maps: (
        GOALS.get(variant, {}).get(network) if maps == MAPS[0] else None
    ),
    simulated=simulated,
    sources="AlexNet's conv3 to conv5 and fc7, VGG-16's conv4-2 and conv5-1, GoogLeNet's 5b",
    schema={
        "macs": (int, "multiplies of the dense layer"),
        "energy_pj": (dict, "estimate by cause, pJ"),
        "loaded_words": (dict, "64-bit words by stream"),
        "traffic": (dict, "bits of the layer plain and compressed; empty where not asked for"),
    },
    totals=results.totals,
    totalled={
        "dense_speedup": (float, "speed-up over a dense array that loses no slot"),
        "streamed": (float, "words on the streams over compute cycles"),
    },
    columns=(("over dense", "dense_speedup", two), ("words a cycle", "streamed", two)),
    colours=plots.COLOURS,
    studied=studies.every_case,
    results=results.of_studies,
    missed=lambda found: results.missed(found["cores"]),
    claims=results.of_claims,
    tables=(
        ("slots", tables.claims),
        ("slots", tables.slots),
        ("builds", tables.builds),
        ("cores", tables.cores),
        ("traffic", tables.every_traffic),
        ("energy", tables.energy),
        ("frames", tables.frames),
        ("density", tables.neurons),
        ("silicon", tables.silicon),
        ("simulated", tables.simulated),
    ),
    pictures={
        "builds": ("Window", plots.windows),
        "traffic": ("Traffic", plots.traffic),
        "energy": ("Energy", plots.energy),
        "density": ("Live neurons", plots.neurons),
    },
    docs={
        "networks": networks,
        "claims": tables.claims,
        "slots": tables.slots,
        "builds": tables.builds,
        "cores": tables.cores,
        "traffic": tables.traffic,
        "energy": tables.energy,
        "frames": tables.frames,
        "neurons": tables.neurons,
        "silicon": tables.silicon,
        "simulated": tables.simulated,
    },
    drawn=("networks", "builds", "traffic", "energy", "density"),
    kept_for_docs=results.for_docs,
)
