"""Tables of SCNN's studies."""

from __future__ import annotations

from models.workloads.scnn import NETWORKS
from scripts.bench.networks.evaluation import Data
from scripts.bench.networks.scnn.cases import VARIANTS
from scripts.bench.networks.scnn.results import ACCOUNTS
from scripts.bench.networks.scnn.studies import CROP, MODULES, PE_PAPER, SENSITIVE, WHOLE, WIDE
from scripts.bench.networks.tables import three, two
from scripts.granularity.tables import Shown, merged, percent
from scripts.pages.text import number

NETWORK_NAMES = {"alexnet": "AlexNet", "googlenet": "GoogLeNet", "vgg16": "VGG-16"}
_CROPPED = f"{CROP} output channels of each layer, on both machines."


def rows(data: Data) -> Shown:
    """How many rows of each network have run from RTL, and which have not."""
    made = []
    for network, layers in NETWORKS.items():
        mine = [one for one in data["rows"] if one["network"] == network]
        there = {one["layer"] for one in mine}
        left = [name for name in layers if name not in there]
        sums = (sum(one[key] for one in mine) for key in ("cycles", "compared"))
        made.append(
            (
                NETWORK_NAMES[network],
                str(len(layers)),
                str(len(there)),
                *map(number, sums),
                ", ".join(left) or "none",
            )
        )
    text = (
        "Ours on iid maps, whole layers on 8 x 8 PEs in Verilator. In each of these rows every "
        "output was right, and cycles and every counter were those of the cycle model."
    )
    head = ("network", "rows", "from RTL", "compute cycles of those", "outputs compared", "left")
    return Shown("Rows from RTL", text, head, tuple(made))


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
            f"{WIDE}" if one["density"] > WHOLE else "all",
            two(one["speedup"]),
            two(one["paper"]),
            percent(one["utilisation"]),
            *(percent(one[name]) for name in ("empty", "bank", "sync", "input")),
        )
        for one in found["density"]
    )
    text = (
        "GoogLeNet's shapes, weights and activations of one density, as published; so many output "
        "channels of each layer on both machines. "
        f"As fast as DCNN at {two(found['crossover'])} (paper: about 0.85). The paper's sweep "
        "is a calculation. Here a step may be not full: a group of eight output channels has few "
        "weights at a channel when they are sparse. And with little to do, PEs wait for each other "
        "at the end of a group, and for the drain of the sums before."
    )
    head = ("density", "output channels", "over DCNN", "paper", "multipliers used, %",
            "lanes empty, %", "bank stalls, %", "barrier, %", "no input, %")  # fmt: skip
    return Shown("Density", text, head, rows)


def large_pes(data: Data) -> Shown:
    """64 small PEs beside 4 large ones."""
    points = data["studies"]["large_pes"]
    of = {(one["build"], one["kc"]): one for one in points}
    eight, chosen = (
        two(of["4x256", kc]["cycles"] / of["64x16", kc]["cycles"]) for kc in ("8", "chosen")
    )
    large, small = of["4x256", "chosen"], of["64x16", "chosen"]
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
        f"16 x 16 multipliers in a PE. Small PEs are {eight} times as fast as large ones with "
        f"groups of 8 output channels on both, {chosen} with groups that the compiler chooses for "
        f"each (paper: {PE_PAPER['speedup']:.2f}). Eight channels of a 1 x 1 layer have two or "
        "three weights at an input channel: they fill 4 lanes, not 16. What is left with larger "
        f"groups: stalls at the banks ({percent(large['bank'])} % of the slots on large PEs, "
        f"{percent(small['bank'])} on small ones), since the 64 products that a step has for a "
        "quarter of the banks lie side by side and meet in a few of them; and waiting for the "
        "drain, where one lane of a large PE takes sixteen times as many sums (in the barrier)."
        " Small ones lose at the border of a plane, where some have nothing to do (no input)."
    )
    head = ("PEs x multipliers", "Kc", "cycles", "multipliers used, %", "lanes empty, %",
            "bank stalls, %", "barrier, %", "no input, %", "paper: used, %")  # fmt: skip
    return Shown("Size of a PE", text, head, rows, left=2)


def slots(data: Data) -> Shown:
    """Where the slots of the multipliers went."""
    rows = tuple(
        (
            f"{NETWORK_NAMES[one['network']]} {one['layer']}".strip(),
            VARIANTS[one["variant"]],
            one["maps"],
            three(one["speedup"]),
            *(percent(one["slots"][name]) for name in ACCOUNTS),
        )
        for one in data["studies"]["slots"]
    )
    text = (
        "Percent of all slots of the multipliers. Padding: placeholders of long runs. Lanes empty: "
        "steps that are not full. Bank: a step waits for the crossbar. Barrier: at the end of a "
        "group, for other PEs, or for the drain of the sums before. No input: nothing to do while "
        "others work, since the weights come in step: a PE beyond the border of the plane or in a "
        "smaller part of it (at 14 and 28 pixels 15 of 64 PEs have no pixel, 23.4 %), or one that "
        "is ahead by all that the weight FIFO holds."
    )
    head = ("layers", "variant", "maps", "over DCNN", "useful", "padding", "lanes empty", "bank",
            "barrier", "no input")  # fmt: skip
    return Shown("Where the slots went", text, head, rows, left=3)


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
