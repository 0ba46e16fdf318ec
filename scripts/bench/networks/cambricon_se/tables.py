"""Tables of Cambricon-SE's evaluation besides the networks."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from models.workloads.cambricon_se import (
    DESIGN,
    MAPS,
    PUBLISHED,
    PUBLISHED_FPS,
    PUBLISHED_INDEXING,
    PUBLISHED_S,
    frame_lines,
)
from scripts.bench.networks import tables
from scripts.bench.networks.cambricon_se import studies
from scripts.bench.networks.cambricon_se.cases import NETWORK_NAMES, ROWS
from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.tables import two
from scripts.granularity.tables import Shown, percent

CAUSES = {"mac": "multiplies, sums", "wgt": "codes", "idx": "lists, masks", "act": "neurons",
          "psum": "partial sums", "dram": "streams"}  # fmt: skip
#: Networks without their fully connected layers.
CONVOLUTIONS = ("alexnet", "vgg16", "googlenet")


def slots(data: Data) -> Shown:
    """Where the slots of the multipliers went."""
    text = (
        "Percent of all slots of the multipliers. Operand zero: X-like, the neuron; packed, none "
        "here, since blocks stay or go as a whole and every weight in them is drawn not zero. "
        "Vector not full: fewer survivors in two windows than lanes, and the end of each output. "
        "Barrier: the other core is not done, or on X-like another PE. No vector: windows without "
        "survivors, and the ends of a pass."
    )
    accounts = {"useful": "useful", "padding": "operand zero", "empty": "vector not full",
                "sync": "barrier", "input": "no vector"}  # fmt: skip
    return tables.slots(DESIGN, data, accounts, text)


def builds(data: Data) -> Shown:
    """Window and row of codes."""
    found = {(one["study"], one["build"], one["variant"]): one for one in data["studies"]["builds"]}
    usual = next(
        (study, label)
        for study, some in studies.BUILDS.items()
        for label, fields in some.items()
        if not fields
    )
    rows = tuple(
        (
            study,
            label,
            *(
                two(_over(found[*usual, "x_like"], found[study, label, "tuned"], network))
                for network in studies.PARTS
            ),
            *(
                two(_over(found[study, label, "x_like"], found[study, label, "tuned"], network))
                for network in studies.PARTS
            ),
        )
        for study, some in studies.BUILDS.items()
        for label in some
    )
    layers = "; ".join(
        f"{NETWORK_NAMES[name]}: {', '.join(_short(rows_))}"
        for name, rows_ in studies.PARTS.items()
    )
    text = (
        "Speed-up over X-like as it is by default (window 128, 64 codes of a row), and over X-like "
        f"with the same window and row. Whole layers ({layers}). A window of 256 has 128 codes of "
        "a row, smaller ones as many as positions."
    )
    names = [NETWORK_NAMES[network] for network in studies.PARTS]
    head = ("study", "", *names, *(f"{name}, same build" for name in names))
    return Shown("Window", text, head, rows, 2)


def _over(base: Record, one: Record, network: str) -> float:
    return float(base["cycles"][network] / one["cycles"][network])


def _short(rows: Sequence[str]) -> list[str]:
    """Rows, those of a module of GoogLeNet as one.

    >>> _short(("3a-1x1", "3a-3x3", "conv3-2"))
    ['3a', 'conv3-2']
    """
    return list(dict.fromkeys(one if one.startswith("conv") else one.split("-")[0] for one in rows))


def cores(data: Data) -> Shown:
    """Speed-up of several cores over one."""
    found = data["studies"]["cores"]
    single = {one["network"]: one["with_streams"] for one in found if one["cores"] == 1}
    rows = tuple(
        (
            NETWORK_NAMES[one["network"]],
            f"{one['cores']}",
            f"{one['cycles']:,}",
            two(one["scaling"])
            + (" missed" if one["goal"] and one["scaling"] < one["goal"] else ""),
            two(one["goal"]),
            percent(one["sync"], 2),
            two(one["speedup"]),
            two(single[one["network"]] / one["with_streams"]),
        )
        for one in found
    )
    text = (
        "Compute cycles; barrier: slots of cores that have ended while another has not. Over "
        "X-like: with as many cores. With streams: compute cycles and a cycle for every word of "
        "the streams, one phase behind the other; the streams are those of one port, whatever the "
        "cores."
    )
    head = ("network", "cores", "compute cycles", "over one core", "goal", "barrier, %",
            "over X-like", "with streams, over one core")  # fmt: skip
    return Shown("Cores", text, head, rows)


def _traffic(data: Data, wanted: Sequence[Record]) -> Shown:
    rows = []
    for one in wanted:
        bits = one["bits"]
        plain = bits["wgt_plain"] + bits["act"] + bits["out"]
        coded = bits["wgt"] + bits["act_packed"] + bits["out_packed"]
        entropy = bits["wgt_huffman"] + bits["act_packed"] + bits["out_packed"]
        name = NETWORK_NAMES[one["network"]]
        rows.append(
            (
                name if one["layer"] == "all" else f"{name} {one['layer']}",
                *(
                    _mbit(bits[key])
                    for key in ("wgt_plain", "wgt", "wgt_huffman", "act", "act_packed", "out",
                                "out_packed")
                ),
                two(plain / coded),
                two(plain / entropy),
                two((bits["wgt"] + bits["act"] + bits["out"]) / 64 / one["cycles"]),
                two(coded / 64 / one["cycles"]),
            )
        )  # fmt: skip
    text = (
        "Mbit on the streams, as often as the passes of the default program load them. Weights: 16 "
        "bits for each, pruned or not; as streamed (lists, rows of 8-bit codes, biases); with the "
        "codes Huffman-coded (HUFFMAN). Codes are drawn evenly from 62 values, which "
        "takes 6 bits: trained ones have other frequencies. Activations and results: plain, and "
        "without zeros (PACKED_IN, PACKED_OUT). Less: all of it plain over all of it compressed, "
        "without and with Huffman. "
        "Words: of 64 bits, for each compute cycle, plain activations and packed ones."
    )
    head = ("layer", "weights, 16 bits", "as streamed", "Huffman", "activations", "packed",
            "results", "packed", "less", "with Huffman", "words a cycle", "packed")  # fmt: skip
    return Shown("Traffic", text, head, tuple(rows))


def traffic(data: Data) -> Shown:
    """Streams of whole networks, and of the layers of AlexNet and VGG-16."""
    found = data["studies"]["traffic"]
    wanted = [one for one in found if one["layer"] == "all" or one["network"] != "googlenet"]
    return _traffic(data, wanted)


def every_traffic(data: Data) -> Shown:
    """Streams of every layer."""
    return _traffic(data, data["studies"]["traffic"])


def _mbit(bits: float) -> str:
    return f"{bits / 1e6:,.2f}" if bits < 1e8 else f"{bits / 1e6:,.0f}"


def energy(data: Data) -> Shown:
    """Energy by cause."""
    text = (
        "uJ of all layers, counters times models/energy.toml; ratios: X-like over the variant, on "
        "the chip and with the streams, which are plain here. X-like multiplies neurons of zero, "
        "reads a mask for each PE, and a neuron once for all of them. A window that enters reads a "
        "row of 64 codes in each PE whatever survives. Wires, clock, control and the selectors' "
        "own logic are not in it. The paper's 2.72 has no public definition (which accelerator, "
        "which networks, whether memory counts): nothing here is to be held against it."
    )
    return tables.energy(DESIGN, data, CAUSES, "", text)


def frames(data: Data) -> Shown:
    """Frames a second."""
    rows = [
        (
            one["how"],
            f"{one['cycles'] / 1e6:,.0f}",
            f"{one['plain'] / 1e6:,.0f}",
            f"{one['packed'] / 1e6:,.0f}",
            two(one["fps"]),
            two(one["fps_packed"]),
            two(one["fps_plain"]),
        )
        for one in data["studies"]["frames"]
    ]
    rows.append(("paper, its network is unknown", "", "", "", f"{PUBLISHED_FPS:g}", "", ""))
    lines = ", ".join(
        f"{part} of {whole} ({names})" for (part, whole), names in _lines_of_frames().items()
    )
    text = (
        "VGG-16's 13 convolutions at 1920 x 1080 pixels, two cores, 1 GHz, printed densities, from "
        f"the cycle model on some lines in the middle ({lines}), times as many. Millions of cycles "
        "of computing, and of words on the streams, plain and with activations and results packed; "
        "with streams: a word a cycle, one phase behind the other, as the accelerator does it. No "
        "plane fits the 256 KiB of a neuron buffer (the largest has 265 MB), so the compiler cuts "
        "it into blocks, and their borders are loaded again. How the compiler chooses its windows: "
        "by the cycles of computing, or by those and the words that are loaded."
    )
    head = ("windows are chosen by", "compute", "words, plain", "words, packed", "frames/s",
            "with packed streams", "with plain streams")  # fmt: skip
    return Shown("Frames", text, head, tuple(rows))


def _lines_of_frames() -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], list[str]] = {}
    for row in ROWS["vgg16"]:
        found.setdefault(frame_lines(f"vgg16-{row}"), []).append(row.split("-")[0])
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items()}


def neurons(data: Data) -> Shown:
    """Speed-up by share of live neurons."""
    found = data["studies"]["density"]
    points = {layer: dict(some) for layer, some in found["points"].items()}
    rows = [
        (f"{100 * at:.0f}", *(two(some[at]) for some in points.values()))
        for at in studies.DENSITIES
    ]
    needed = "; ".join(
        f"{layer} at {'none' if at is None else f'{100 * at:.0f} %'}"
        for layer, at in found["needed"].items()
    )
    printed = "; ".join(
        f"{NETWORK_NAMES[one['network']]} with {100 * one['live']:.1f} % live ({one['reading']}): "
        f"{one['speedup']:.2f}"
        for one in found["printed"]
    )
    shares = " and ".join(
        f"{100 * share:.2f} % ({NETWORK_NAMES[name]})" for name, share in studies.PRINTED.items()
    )
    text = (
        "Over X-like, which a zero neuron does not make faster, by percent of neurons that are "
        f"not zero, iid; weights as printed. {PUBLISHED_S} times is reached by {needed}. "
        f"Cambricon-S prints a dynamic sparsity of neurons of {shares}, and it is not clear to us "
        "whether of those that are zero or of the others. The layers of the window study at that "
        "share: "
        f"{printed}."
    )
    return Shown("Live neurons", text, ("live, %", *points), tuple(rows))


def silicon(data: Data) -> Shown:
    """Gates of the parts of a core, by selector."""
    labels = {"tuned": "packed", "natural": "natural lanes", "x_like": "X-like"}
    points = data["studies"]["silicon"]
    rows = []
    for one in points:
        gates, parts = one["gates"], one["parts"]
        shares = (percent(value / gates) for value in parts.values())
        rows.append((labels[one["build"]], f"{gates / 1000:,.0f}", *shares))
    text = (
        "A core of 16 x 16 multipliers in thousands of gates by make area's synthesis, its parts "
        "in percent; memories not counted. Lanes: decoders, multipliers. Neuron buffer, index "
        "list and selectors find the operands; of Cambricon-X the indexing module is "
        f"{percent(PUBLISHED_INDEXING)} %, as Cambricon-S has it."
    )
    head = ("selector", "k gates", *(f"{one}, %" for one in (points[0]["parts"] if points else ())))
    return Shown("Share of the indexing", text, head, tuple(rows))


def claims(data: Data) -> Shown:
    """The paper's ratios of performance beside ours."""
    found = {
        (one["network"], one["variant"], one["maps"]): one["speedup"] for one in data["summary"]
    }

    def row(name: str, networks: Sequence[str]) -> tuple[str, ...]:
        kinds = [*(("tuned", maps) for maps in MAPS), ("more", MAPS[0])]
        cells = []
        for variant, maps in kinds:
            some = [found.get((network, variant, maps)) for network in networks]
            known = [one for one in some if one is not None]
            cells.append(two(mean(known)) if len(known) == len(networks) else "")
        return (name, *cells)

    rows = [row(NETWORK_NAMES[one], [one]) for one in NETWORK_NAMES]
    rows.append(row("mean of the convolutions", CONVOLUTIONS))
    rows.append(row("mean of all", tuple(NETWORK_NAMES)))
    rows.append(("paper, over an accelerator not named", two(PUBLISHED), "", ""))
    rows.append(("paper, Cambricon-S over Cambricon-X", two(PUBLISHED_S), "", ""))
    text = (
        "Over X-like. Equal density, and 20 % more weights in blocks than there are one by one. "
        "Fully connected layers have one kind of maps."
    )
    head = ("network", "equal density, iid", "clustered", "20 % more weights, iid")
    return Shown("The paper's ratios", text, head, tuple(rows))


def simulated(data: Data) -> Shown:
    """Layers from RTL."""
    text = (
        "Two cores of 16 x 16 multipliers in Verilator, iid maps, whole layers. Counters: cycles "
        f"and every counter against the cycle model. {studies.PACKED} twice: the second time its "
        "activations and results are streamed without their zeros."
    )
    return tables.simulated(DESIGN, data, text)
