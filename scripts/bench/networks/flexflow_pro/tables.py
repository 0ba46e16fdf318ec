"""Tables of FlexFlow-Pro's evaluation besides the networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from models.workloads.flexflow_pro import DESIGN, PUBLISHED_ENERGY
from scripts.bench.networks import tables
from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.flexflow_pro import results, studies, tiny
from scripts.bench.networks.flexflow_pro.cases import VARIANTS
from scripts.bench.networks.tables import three, two
from scripts.granularity.tables import Shown, percent
from scripts.train.thresholds import EMBEDDED

NETWORK_NAMES = {"alexnet": "AlexNet", "googlenet": "GoogLeNet", "vgg16": "VGG-16"}
CAUSES = {"mac": "multiplies, sums", "wgt": "kernel stores", "neuron": "neuron stores",
           "idx": "masks", "act": "column buffers", "psum": "partial sums",
           "dram": "streams"}  # fmt: skip


def slots(data: Data) -> Shown:
    """Where the slots of the multipliers went."""
    text = (
        "Percent of all slots of the multipliers. Padding: in lock step, positions without a pair. "
        "Cell without a pair: it takes a cycle to see that. Row: the result waits for room in the "
        "FIFO, that is, for the other PEs of its row. No window: the neurons are not there yet, "
        "because the bus is busy or the ring is full, which is so until the slowest PE of the "
        "column is done with a window; and the ends of a pass."
    )
    accounts = {"useful": "useful", "padding": "padding", "empty": "cell without a pair",
                "sync": "row", "input": "no window"}  # fmt: skip
    return tables.slots(DESIGN, data, accounts, text)


def fifo(data: Data) -> Shown:
    """FIFO depth."""
    found = data["studies"]["fifo"]
    rows = []
    for depth in studies.FIFOS:
        some = {one["variant"]: one for one in found if one["depth"] == depth}
        rows.append(
            (f"{depth}", *(_over(some[name], _base(found, name)) for name in some))
            + tuple(_over(some["tuned"], _base(found, "tuned"), layer) for layer in studies.LAYERS)
        )
    gained = [
        percent(1 - _last(found, name)["all"] / _base(found, name)["all"])
        for name in ("plain", "tuned")
    ]
    text = (
        "Cycles over those with two sums: all layers of the study together, and each of them "
        "balanced. One sum more lets a PE begin the next result while its row waits for others; "
        "who is slow stays slow, since weights do not move, so deeper FIFOs only fill up. From "
        f"two to {studies.FIFOS[-1]} sums: {gained[0]} % fewer cycles relaxed, {gained[1]} % "
        "balanced."
    )
    head = ("sums in a FIFO", VARIANTS["plain"], VARIANTS["tuned"], *studies.LAYERS)
    return Shown("FIFO depth", text, head, tuple(rows))


def _base(found: Sequence[Record], variant: str) -> Record:
    return next(one for one in found if (one["variant"], one["depth"]) == (variant, 2))


def _last(found: Sequence[Record], variant: str) -> Record:
    return [one for one in found if one["variant"] == variant][-1]


def _over(one: Record, base: Record, layer: str = "") -> str:
    if layer:
        return three(one["cycles"][layer] / base["cycles"][layer])
    return three(one["all"] / base["all"])


def builds(data: Data) -> Shown:
    """Mask word, bus, balance, maps, stores, groups, pieces."""
    found = data["studies"]["builds"]
    base = next(one for one in found if studies.BUILDS[one["study"]][one["build"]] == {})
    rows = tuple(
        (
            one["study"],
            one["build"],
            _over(one, base),
            *(_over(one, base, layer) for layer in studies.LAYERS),
        )
        for one in found
    )
    text = (
        "Cycles over those of the default build (the row of each study that is 1), relaxed and "
        "balanced. Mask word: neurons and weights that a PE looks at together; stores keep their "
        "words. Neuron store: cells of 16 words, so how far a column may run ahead. The compiler "
        "is asked again for each build, so a layer may be mapped in another way."
    )
    return Shown("Parts of the build", text, ("study", "build", "all", *studies.LAYERS), rows, 2)


def density(data: Data) -> Shown:
    """The density sweep."""
    found = data["studies"]["density"]
    rows = tuple(
        (
            f"{one['density']:.1f}",
            two(one["speedup"]),
            two(1 / one["density"] ** 2),
            two(one["array_speedup"]),
            two(one["per_gate"]),
            percent(one["useful"]),
        )
        for one in found
    )
    at = results.pays(found)
    pays = "" if at is None else f" It pays per gate up to a density of {at:.2f} of both."
    text = (
        f"{studies.DENSITY_LAYER}'s shape, weights and activations of one density, relaxed and "
        "balanced. Possible: every pair one slot, but for the border of zeros. The dense array: "
        "16 x 16 multipliers, weight stationary. Per gate: that by the gates of either "
        "accelerator, memories not counted."
        f"{pays}"
    )
    head = ("density", "over lock step", "possible", "over the dense array", "that per gate",
            "multipliers used, %")  # fmt: skip
    return Shown("Density", text, head, rows)


def energy(data: Data) -> Shown:
    """Energy by cause."""
    text = (
        "uJ of all layers, counters times models/energy.toml; ratios: lock step over the variant, "
        "on the chip and with the streams. In lock step a PE reads its stores and multiplies at "
        "every position. The paper's is over the accelerators of its time, which are not known, "
        "and from a chip's power; control, clock and wires are not in ours."
    )
    return tables.energy(DESIGN, data, CAUSES, "tuned", text, f"{PUBLISHED_ENERGY:g}")


def loading(data: Data) -> Shown:
    """What the two objectives of the compiler come to, loading counted."""
    found = data["studies"]["loading"]
    lock = {
        (one["network"], one["objective"]): one for one in found if one["variant"] == "lock_step"
    }
    rows = []
    for one in found:
        base = lock[one["network"], one["objective"]]
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                VARIANTS[one["variant"]],
                one["objective"],
                *(f"{one[key] / 1e3:,.0f}" for key in ("cycles", "words", "total")),
                f"{one['energy_pj'] / 1e6:,.0f}",
                *(two(base[key] / one[key]) for key in ("total", "energy_pj")),
            )
        )
    for objective in dict.fromkeys(one["objective"] for one in found):
        mine = [one for one in found if (one["variant"], one["objective"]) == ("tuned", objective)]
        ratios = (
            two(mean(lock[one["network"], objective][key] / one[key] for one in mine))
            for key in ("total", "energy_pj")
        )
        rows.append(("mean", VARIANTS["tuned"], objective, *[""] * 4, *ratios))
    text = (
        "What the compiler makes least: cycles of computing, or those of all phases: a cycle for "
        "each 64-bit word that is loaded or answered. Thousands of cycles and words, uJ with the "
        "streams, all layers, iid maps; ratios: lock step with the same objective over it."
    )
    head = ("network", "variant", "objective", "computing", "words", "in total", "energy",
            "cycles, lock step over it", "energy, lock step over it")  # fmt: skip
    return Shown("Loading", text, head, tuple(rows), left=3)


def calibration(data: Data) -> Shown:
    """Balanced for other maps, and for those that run."""
    found = {
        (one["network"], one["maps"], one["oracle"]): one for one in data["studies"]["calibration"]
    }
    rows = tuple(
        (
            NETWORK_NAMES[network],
            maps,
            three(one["speedup"]),
            three(found[network, maps, True]["speedup"]),
            percent(one["cycles"] / found[network, maps, True]["cycles"] - 1),
        )
        for (network, maps, oracle), one in found.items()
        if not oracle
    )
    text = (
        "Speed-up over lock step, relaxed and balanced. Other maps: the compiler chooses and "
        "balances for maps drawn with another seed, as for all other figures here; no channel's "
        "density is known then, since every draw gives each its own. The same maps: it sees those "
        "that run. A network's channels keep some of their density from image to image, so a "
        "sample of real images lies between."
    )
    head = ("network", "maps", "calibrated on other maps", "on the same maps", "more cycles, %")
    return Shown("Calibration", text, head, rows, left=2)


def simulated(data: Data) -> Shown:
    """Layers from RTL."""
    text = (
        "16 x 16 PEs in Verilator, whole layers, iid maps. Counters: cycles and every counter "
        "against the cycle model."
    )
    return tables.simulated(DESIGN, data, text)


def silicon(data: Data) -> Shown:
    """Gates per multiplier."""
    rows = tuple(
        (
            one["title"],
            one["build"],
            f"{one['multipliers']}",
            f"{one['gates']:,.0f}",
            f"{one['ffs']:,.0f}",
            f"{one['mem_bits']:,.0f}",
        )
        for one in data["studies"]["silicon"]
    )
    text = (
        "Of the whole accelerator, by multiplier: gates by make area's synthesis, memories not "
        "counted; flip-flops; bits of memories (docs/area.json)."
    )
    head = ("design", "build", "multipliers", "gates", "flip-flops", "bits of memories")
    return Shown("Gates per multiplier", text, head, rows, left=2)


def thresholds(data: Data) -> Shown:
    """Accuracy and pairs with thresholds at no loss."""
    rows = []
    for one in data["studies"]["thresholds"]:
        digits = one["digits"]["test"]
        dense, zero, left = (sum(one[key]) for key in ("dense", "pairs_zero", "pairs_chosen"))
        rows.append(
            (
                one["network"],
                "embedded" if one["seed"] == EMBEDDED else f"seed {one['seed']}",
                *(percent(one[key]["validation"], 2) for key in ("zero", "chosen")),
                *(percent(one[key]["test"], 2) for key in ("zero", "chosen")),
                f"{round(dense / digits):,}",
                f"{round(zero / digits):,}",
                f"{round(left / digits):,}",
                two(zero / left),
            )
        )
    text = (
        "Thresholds chosen so that no validation digit that was right goes wrong, accuracy in "
        "percent; then digits that chose nothing (2,000, standard error about 0.3; of the embedded "
        "networks 1,000, about 0.4). Multiplies of a digit: dense; of live neurons with live "
        "synapses; those that are left with thresholds."
    )
    head = ("network", "weights", "validation, 0", "chosen", "test, 0", "test, chosen",
            "dense multiplies", "pairs", "with thresholds", "fewer by")  # fmt: skip
    return Shown("Tiny values", text, head, tuple(rows), left=2)


def cycles(data: Data) -> Shown:
    """Cycles of the embedded networks."""
    rows = []
    for one in data["studies"]["tiny"]:
        found: Mapping[str, Any] = one["cycles"]
        base = found["lock step"]
        rows.append(
            (
                one["network"],
                *(f"{found[label]:,.0f}" for label in tiny.RUNS),
                *(two(base / found[label]) for label in list(tiny.RUNS)[1:]),
            )
        )
    text = (
        f"Compute cycles of a digit, mean of {tiny.DIGITS}, by the cycle model; with the chosen "
        "thresholds of the embedded networks."
    )
    head = ("network", "lock step", "relaxed, balanced", "with thresholds", "over lock step",
            "with thresholds, over it")  # fmt: skip
    return Shown("Cycles of the embedded networks", text, head, tuple(rows))
