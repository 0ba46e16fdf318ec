"""Tables of SPS's evaluation besides the networks: slots, storage, energy, silicon, accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from models.workloads.sps import TAPS
from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.sps.cases import KINDS, VARIANTS
from scripts.bench.networks.sps.energy import LAYERS, PERIOD
from scripts.bench.networks.tables import two
from scripts.formats.claims import KSS, PAPER_PATTERN_RATIO, PAPER_TOTAL_RATIO, WIDTH
from scripts.granularity.tables import Shown, percent
from scripts.train.periodic import PERIODS, SHARES

NETWORK_NAMES = {"vgg16": "VGG-16", "resnet18": "ResNet-18", "resnet50": "ResNet-50, 3x3"}
ENERGY_PAPER = 4.49
CAUSES = {"mac": "multiplies, sums", "wgt": "weights", "idx": "index", "act": "activations",
          "psum": "partial sums", "dram": "streams"}  # fmt: skip


def slots(data: Data) -> Shown:
    """Slots with a weight, of whole networks and where the patterns fit the array."""
    rows = tuple(
        (
            NETWORK_NAMES[one["network"]],
            VARIANTS[one["variant"]],
            percent(one["filled"]),
            percent(one["filled_whole"]),
            f"{one['layers_whole']} of {one['layers']}",
        )
        for one in data["summary"]
        if KINDS[one["variant"]].goal
    )
    text = (
        "Slots of the multipliers with a weight that is not pruned, the border of the image "
        "included, in percent. Where it fits: layers whose outputs of a pattern fill whole tiles "
        "(outputs a multiple of 16 P) and whose patterns are of one size; goal there: at least 97. "
        "Elsewhere two patterns share a tile and their places are taken together, or columns stay "
        "empty, whichever takes fewer cycles."
    )
    head = ("network", "structure", "all layers", "where it fits", "layers that fit")
    return Shown("Slots with a weight", text, head, rows, left=2)


def storage(data: Data) -> Shown:
    """Every format over periodic patterns, by network."""
    found = data["studies"]["storage"]
    networks = list(found["networks"])
    rows = [
        (
            name,
            *(cell for network in networks for cell in _ratios(found["networks"][network], name)),
        )
        for name in found["networks"][networks[0]]
        if name != "periodic"
    ]
    rows.append(("paper", *[f"{PAPER_TOTAL_RATIO}", f"{PAPER_PATTERN_RATIO:,}"] * len(networks)))
    text = (
        "Storage of the same weights over that of periodic patterns: weights and index (total), "
        "index alone. Definition, since the paper has none: 3x3 layers, "
        f"{KSS} of {TAPS} weights in every kernel, {found['period']} patterns a layer, "
        f"{WIDTH}-bit weights; coordinates as narrow as each layer allows; patterns of {KSS} x 4 "
        "bits, their sizes and the period."
    )
    head = ("format", *(f"{NETWORK_NAMES[one]}, {what}" for one in networks
                        for what in ("total", "index")))  # fmt: skip
    return Shown("Storage", text, head, tuple(rows))


def _ratios(sizes: dict[str, list[int]], name: str) -> tuple[str, str]:
    (values, index), (own, patterns) = sizes[name], sizes["periodic"]
    return two((values + index) / (own + patterns)), f"{index / patterns:,.0f}"


def periods(data: Data) -> Shown:
    """Index ratio and speed-up by period, and the period of the paper's ratio."""
    rows = tuple(
        (
            NETWORK_NAMES[one["network"]],
            f"{one['period']:g}",
            two(one["total"]),
            f"{one['index']:,.0f}",
            "none" if one["speedup"] is None else two(one["speedup"]),
        )
        for one in data["studies"]["periods"]
    )
    text = (
        f"COO over periodic patterns, without sizes and period: the index ratio falls as 1 / P and "
        f"is the paper's {PAPER_PATTERN_RATIO:,} at the period printed with a fraction; the total "
        "ratio does not change. Speed-up: of the 16 x 16 array over the dense one; builds hold up "
        "to 16 patterns (none: more)."
    )
    head = ("network", "P", "total ratio", "index ratio", "speed-up")
    return Shown("Period", text, head, rows)


def energy(data: Data) -> Shown:
    """Energy of the same weights in each format."""
    found = data["studies"]["energy"]
    causes = [name for name in CAUSES if any(name in one["energy_pj"] for one in found)]
    rows = [
        (
            f"{one['kept']} of {TAPS}",
            one["format"],
            one["design"],
            *(f"{one['energy_pj'].get(name, 0) / 1e6:.1f}" for name in causes),
            f"{one['chip'] / 1e6:.1f}",
            f"{one['chip_ratio']:.2f}",
            f"{one['all_ratio']:.2f}",
        )
        for one in found
    ]
    rows.append(("paper", "not defined", *[""] * (len(causes) + 2), f"{ENERGY_PAPER}", ""))
    text = (
        f"{', '.join(LAYERS)}, P {PERIOD}, half of the activations zero; uJ of "
        "all three, counters times models/energy.toml. SPS and both arrays: 16 x 16 multipliers, "
        "which multiply by zero activations, too; SCNN: 1,024, which do not. Ratios: over SPS, on "
        "the chip and with the streams. An access grows with the root of the size of its bank, and "
        "SPS has a bank of activations for each row. The N of N:M: the largest that a layer needs."
    )
    head = ("kept", "weights held as", "design", *(CAUSES[one] for one in causes), "on the chip",
            "chip, over SPS", "with streams, over SPS")  # fmt: skip
    return Shown("Energy", text, head, tuple(rows), left=3)


def silicon(data: Data) -> Shown:
    """Gates of what finds the operands, beside all of its design."""
    rows = tuple(
        (
            one["design"],
            one["part"],
            f"{one['gates']:,.0f}",
            f"{one['whole']:,.0f}",
            percent(one["gates"] / one["whole"]),
            one["of"],
        )
        for one in data["studies"]["silicon"]
    )
    text = (
        "Gates of the units that bring weight and activation together, by make area's synthesis, "
        "memories not counted. Goal of the index unit: below 2 %. Addresses: the border flags, an "
        "offset and an adder in each row, instead of the dense array's delay lines."
    )
    head = ("design", "unit", "gates", "gates of the whole", "share, %", "whole")
    return Shown("Index unit beside others", text, head, rows, left=2)


def accuracy(data: Data) -> Shown:
    """Accuracy of periodic patterns beside dense and fine-grained pruning."""
    points = data["studies"]["accuracy"]
    rows = []
    for network in dict.fromkeys(one["network"] for one in points):
        mine = [one for one in points if one["network"] == network]
        rows.append((network, "dense", *_seeds([o for o in mine if o["granularity"] == "dense"])))
        for share in SHARES:
            for structure in PERIODS:
                some = [o for o in mine if (o["granularity"], o["asked"]) == (structure, share)]
                label = f"{round(share * TAPS)} of {TAPS}, {structure}"
                rows.append((network, label, *_seeds(some)))
    text = (
        "Accuracy on 2,000 held-out digits in percent (standard error of one about 0.3), three "
        "seeds and their mean. Convolutions but the first are pruned; fine: as many weights, "
        "wherever they are. LeNet-5's 5x5 kernels keep 11 and 6 of 25."
    )
    head = ("network", "kept", "seed 1", "seed 2", "seed 3", "mean", "density")
    return Shown("Accuracy", text, head, tuple(rows), left=2)


def _seeds(points: Sequence[Record]) -> tuple[str, ...]:
    each = [one["accuracy"] for one in sorted(points, key=lambda one: one["seed"])]
    return (*(percent(one, 2) for one in each), percent(mean(each), 2),
            f"{points[0]['density']:.3f}")  # fmt: skip
