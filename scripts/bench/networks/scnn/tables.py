"""Tables of SCNN's studies."""

from __future__ import annotations

from scripts.bench.networks.evaluation import Data
from scripts.bench.networks.scnn.cases import VARIANTS
from scripts.bench.networks.scnn.studies import CROP, MODULES, PE_PAPER, SENSITIVE, WIDE
from scripts.bench.networks.tables import three, two
from scripts.granularity.tables import Shown, merged, percent

NETWORK_NAMES = {"alexnet": "AlexNet", "googlenet": "GoogLeNet", "vgg16": "VGG-16"}
_CROPPED, _WIDE = (
    f"{number} output channels of each layer, on both machines." for number in (CROP, WIDE)
)


def crossbar(data: Data) -> Shown:
    """The crossbar study."""
    points = data["studies"]["crossbar"]
    names = list(points[0]["slower"])
    rows = tuple(
        (one["crossbar"], *(three(one["slower"][name]) for name in names)) for one in points
    )
    text = f"Cycles over those of the widest crossbar, as published otherwise. {_CROPPED}"
    return Shown("Crossbar", text, ("crossbar", *names), rows)


def density(data: Data) -> Shown:
    """The density sweep."""
    found = data["studies"]
    rows = tuple(
        (
            f"{one['density']:.2f}",
            two(one["speedup"]),
            two(one["paper"]),
            percent(one["utilisation"]),
        )
        for one in found["density"]
    )
    text = (
        f"GoogLeNet's shapes, weights and activations of one density, as published. {_WIDE} "
        f"As fast as DCNN at {two(found['crossover'])} (paper: about 0.85). The paper's sweep is "
        "a calculation without steps that are not full; at low densities most are: a group of "
        "eight output channels has fewer weights at a channel than the lanes take."
    )
    head = ("density", "over DCNN", "paper", "multipliers used, %")
    return Shown("Density", text, head, rows)


def large_pes(data: Data) -> Shown:
    """64 small PEs beside 4 large ones."""
    points = data["studies"]["large_pes"]
    cycles = {(one["build"], one["kc"]): one["cycles"] for one in points}
    ratio = {kc: f"{cycles['4x256', kc] / cycles['64x16', kc]:.2f}" for _, kc in cycles}
    rows = tuple(
        (
            one["build"],
            one["kc"],
            f"{one['cycles']:.0f}",
            percent(one["utilisation"]),
            *(percent(one[name]) for name in ("empty", "bank", "sync", "input")),
            percent(one["paper"]),
        )
        for one in points
    )
    text = (
        f"GoogLeNet's modules {', '.join(name[:2] for name in MODULES)}, whole layers, 4 x 4 and "
        f"16 x 16 multipliers in a PE. Small PEs are {ratio['8']} times as fast as large ones "
        f"with groups of 8 output channels on both, {ratio['chosen']} with groups that the "
        f"compiler chooses for each (paper: {PE_PAPER['speedup']:.2f}). Eight channels of a 1 x 1 "
        "layer have two or three weights at an input channel, which fill 4 lanes and not 16. "
        "Stalls at the banks are as rare on large PEs as on small ones. Large ones wait "
        "for a PE that drains sixteen times as many sums by one lane (synchronisation)."
    )
    head = ("PEs x multipliers", "Kc", "cycles", "multipliers used, %", "lanes empty, %",
            "bank stalls, %", "synchronisation, %", "no input, %", "paper: used, %")  # fmt: skip
    return Shown("Size of a PE", text, head, rows, left=2)


def late(data: Data) -> Shown:
    """Utilisation of the last 1 x 1 layers."""
    points = data["studies"]["late"]
    variants = list(dict.fromkeys(one["variant"] for one in points))
    found = {(one["layer"], one["variant"]): one["utilisation"] for one in points}
    rows = tuple(
        (layer, *(percent(found.get((layer, variant))) for variant in variants))
        for layer in dict.fromkeys(one["layer"] for one in points)
    )
    text = "Multipliers used in GoogLeNet's 5a and 5b, in percent (paper: below 20 as published)."
    return Shown("Late 1 x 1 layers", text, ("layer", *(VARIANTS[v] for v in variants)), rows)


def sensitive(data: Data) -> Shown:
    """The machine of the prototype."""
    rows = tuple(
        (NETWORK_NAMES[one["network"]], three(one["speedup"]), two(one["paper"]))
        for one in data["studies"]["sensitive"]
    )
    text = (
        "As published, with the sizes nearest to the paper's: "
        + ", ".join(f"{name} {value}" for name, value in SENSITIVE.items())
        + ". Lane FIFOs of 3, a weight FIFO of 64 and rows of 8 were chosen after this."
    )
    return Shown("Sensitivity", text, ("network", "over DCNN", "paper"), rows)


def crops(data: Data) -> Shown:
    """Crops beside whole layers."""
    rows = tuple(
        (one["layer"], three(one["crop"]), three(one["whole"]),
         f"{100 * (one['crop'] / one['whole'] - 1):+.1f}")
        for one in data["studies"]["crops"]
    )  # fmt: skip
    text = f"Speed-up of {WIDE} output channels beside that of the whole layer, as published."
    return Shown("Crops", text, ("layer", "crop", "whole", "difference, %"), rows)


def merging(data: Data) -> Shown:
    """References and conflicts with merging."""
    return merged(data["studies"]["merging"])
