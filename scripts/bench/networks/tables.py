"""Tables of the networks and of the studies, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.bench.networks.cases import VARIANTS
from scripts.bench.networks.studies import CROP, PE_PAPER, SENSITIVE, WIDE
from scripts.granularity.tables import Shown, percent

Record = Mapping[str, Any]
Data = Mapping[str, Any]
NETWORK_NAMES = {"alexnet": "AlexNet", "googlenet": "GoogLeNet", "vgg16": "VGG-16"}
_CROPPED, _WIDE = (
    f"{number} output channels of each layer, on both machines." for number in (CROP, WIDE)
)


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _three(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def networks(data: Data) -> Shown:
    """Speed-ups of the networks."""
    rows = []
    for one in data["summary"]:
        missed = one["goal"] and one["whole"] and one["speedup"] < one["goal"]
        rows.append(
            (
                NETWORK_NAMES[one["network"]] + ("" if one["whole"] else " (some layers)"),
                VARIANTS[one["variant"]],
                one["maps"],
                _three(one["speedup"]) + (" missed" if missed else ""),
                _two(one["goal"]),
                _two(one["paper"]),
                _three(one["array_speedup"]),
                percent(one["utilisation"]),
                f"{one['rtl']} of {one['layers']}",
            )
        )
    head = ("network", "variant", "maps", "over DCNN", "goal", "paper", "over our dense array",
            "multipliers used, %", "layers from RTL")  # fmt: skip
    return Shown("Speed-up of the networks", data["assumes"], head, tuple(rows), left=3)


def layers(data: Data) -> Shown:
    """Every layer: speed-ups by variant and maps."""
    columns = list(dict.fromkeys((one["variant"], one["maps"]) for one in data["runs"]))
    found = {
        (one["network"], one["layer"], one["variant"], one["maps"]): one for one in data["runs"]
    }
    rows = []
    for network, layer in dict.fromkeys((one["network"], one["layer"]) for one in data["runs"]):
        cells = []
        plan = ""
        for variant, maps in columns:
            one = found.get((network, layer, variant, maps))
            cells.append(f"{one['speedup']:.2f}{'' if one['source'] == 'rtl' else '~'}"
                         if one else "")  # fmt: skip
            if one and variant == "tuned" and maps == "iid":
                plan = ", ".join(f"Kc {kc} shape {shape}" for kc, shape in dict.fromkeys(
                    (kc, shape) for kc, shape, *_ in one["plans"]))  # fmt: skip
        rows.append((f"{NETWORK_NAMES[network]} {layer}", *cells, plan))
    head = ("layer", *(f"{VARIANTS[variant]}, {maps}" for variant, maps in columns), "ours runs as")
    text = (
        "Over DCNN; ~ from the cycle model, the others from RTL. Shape 0: 4 weights x 4 "
        "activations, 1: 8 x 2, 2: 16 x 1."
    )
    return Shown("Layers", text, head, tuple(rows))


def crossbar(data: Data) -> Shown:
    """The crossbar study."""
    points = data["studies"]["crossbar"]
    names = list(points[0]["slower"])
    rows = tuple(
        (one["crossbar"], *(_three(one["slower"][name]) for name in names)) for one in points
    )
    text = f"Cycles over those of the widest crossbar, as published otherwise. {_CROPPED}"
    return Shown("Crossbar", text, ("crossbar", *names), rows)


def density(data: Data) -> Shown:
    """The density sweep."""
    found = data["studies"]
    rows = tuple(
        (
            f"{one['density']:.2f}",
            _two(one["speedup"]),
            _two(one["paper"]),
            percent(one["utilisation"]),
        )
        for one in found["density"]
    )
    text = (
        f"GoogLeNet's shapes, weights and activations of one density, as published. {_WIDE} "
        f"As fast as DCNN at {_two(found['crossover'])} (paper: about 0.85). The paper's sweep is "
        "a calculation without steps that are not full; at low densities most are: a group of "
        "eight output channels has fewer weights at a channel than the lanes take."
    )
    head = ("density", "over DCNN", "paper", "multipliers used, %")
    return Shown("Density", text, head, rows)


def large_pes(data: Data) -> Shown:
    """64 small PEs beside 4 large ones."""
    points = data["studies"]["large_pes"]
    ratio = points[1]["cycles"] / points[0]["cycles"]
    rows = tuple(
        (
            one["build"],
            f"{one['cycles']:.0f}",
            percent(one["utilisation"]),
            percent(one["paper"]),
        )
        for one in points
    )
    text = (
        f"GoogLeNet as published on PEs x multipliers. {_WIDE} Small PEs are {_two(ratio)} "
        f"times as fast as large ones (paper: {PE_PAPER['speedup']:.2f})."
    )
    head = ("PEs x multipliers", "cycles", "multipliers used, %", "paper, %")
    return Shown("Size of a PE", text, head, rows)


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
        (NETWORK_NAMES[one["network"]], _three(one["speedup"]), _two(one["paper"]))
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
        (one["layer"], _three(one["crop"]), _three(one["whole"]),
         f"{100 * (one['crop'] / one['whole'] - 1):+.1f}")
        for one in data["studies"]["crops"]
    )  # fmt: skip
    text = f"Speed-up of {WIDE} output channels beside that of the whole layer, as published."
    return Shown("Crops", text, ("layer", "crop", "whole", "difference, %"), rows)


def merging(data: Data) -> Shown:
    """References and conflicts with merging."""
    rows = tuple(
        (
            one["layer"],
            one["granularity"],
            one["source"],
            percent(one["share"]),
            percent(one["bank_off"]),
            percent(one["bank_on"]),
            percent(one["cycles"]),
        )
        for one in data["studies"]["merging"]
    )
    text = (
        f"VGG-16, as published, {CROP} output channels of each layer. References: accumulator "
        "reads per product of two non-zeros with MERGE; without it they are 100. Weights come with "
        "the output channel fastest, so a step has few weights of one kernel row: merging saves "
        "less here than where the row comes as one (see make granularity)."
    )
    head = ("layer", "granularity", "from", "references, %", "bank stalls, % of slots",
            "with MERGE", "cycles with MERGE, %")  # fmt: skip
    return Shown("Merging", text, head, rows, left=3)


#: Tables of docs/scnn.md, by the name of the part.
DOCS = {"networks": networks, "late": late}


def all_tables(data: Data) -> Iterator[Shown]:
    """Those that there are figures for."""
    if data.get("runs"):
        yield networks(data)
    studies = data.get("studies") or {}
    shown: Sequence[tuple[str, Any]] = (
        ("sensitive", sensitive),
        ("late", late),
        ("density", density),
        ("large_pes", large_pes),
        ("crossbar", crossbar),
        ("merging", merging),
        ("crops", crops),
    )
    for key, table in shown:
        if studies.get(key):
            yield table(data)
    if data.get("runs"):
        yield layers(data)
