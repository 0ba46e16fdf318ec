"""Tables of coarse-grained compression, for the terminal, the page and docs/coarse.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.coarse import paper, results, shapes
from scripts.coarse.results import Data
from scripts.granularity.tables import Shown, percent
from scripts.train.coarse import PLANS, SEEDS, WAYS
from scripts.train.coarse_study import DRAWS, LOST, RUN, TOP

NAMES = {
    "fine": "single weights",
    "average": "blocks, average",
    "maximum": "blocks, maximum",
    "average 16x16": "blocks, average, 16x16",
    "average sliding": "blocks, average, half steps",
}
NETWORK_NAMES = {
    "lenet_300_100": "LeNet-300-100",
    "lenet_5": "LeNet-5",
    "vgg_7": "vgg_7",
    "alexnet": "AlexNet",
    "vgg16": "VGG-16",
}


def kilobits(value: float) -> str:
    """Thousands of bits, three digits or more.

    >>> kilobits(1234567.0), kilobits(1234.0)
    ('1,235', '1.23')
    """
    return f"{value / 1000:,.0f}" if value >= 1e5 else f"{value / 1000:.3g}"


def accuracy_cell(point: Mapping[str, float] | None) -> str:
    """Mean, spread and density of a point; "" where there is none."""
    if point is None:
        return ""
    mean, spread = percent(point["accuracy"], 2), percent(point["spread"], 2)
    return f"{mean} ± {spread} at {percent(point['density'])}"


def accuracy_tables(data: Data) -> Iterator[Shown]:
    """Accuracy by way and density, a table for each network."""
    text = (
        f"Top-1 in percent on 2,000 held-out digits, mean and standard deviation of {len(SEEDS)} "
        "seeds (the digits alone: about 0.3), at the density in percent. Every layer is pruned "
        "to this multiple of its density in the embedded network, one step after the other, "
        "fine-tuned after each. Blocks: 16 outputs at one input and place of a convolution, 32x32 "
        "of a fully connected layer, 16x16 of the last (or of all)."
    )
    for network in PLANS:
        lines = {way: {p["factor"]: p for p in results.curve(data, network, way)} for way in WAYS}
        factors = sorted({f for line in lines.values() for f in line}, reverse=True)
        lines = {way: line for way, line in lines.items() if line}
        rows = [
            (f"x{factor:g}", *(accuracy_cell(line.get(factor)) for line in lines.values()))
            for factor in factors
        ]
        before = percent(results.dense(data, network)["accuracy"], 2)
        title = f"Accuracy by density: {NETWORK_NAMES[network]}, dense {before} %"
        yield Shown(title, text, ("share", *(NAMES[way] for way in lines)), tuple(rows))
        text = ""


def stored_table(data: Data) -> Shown:
    """What each network stores at equal accuracy."""
    rows = []
    for one in results.stored(data):
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                NAMES[one["way"]],
                percent(one["density"]),
                *(percent(one[name], 2) for name in ("dense", "pruned", "quantized")),
                *(kilobits(one[name]) for name in ("codes", "index", "books", "tables")),
                f"{one['plain_ratio']:.1f}",
                f"{one['ratio']:.1f}",
            )
        )
    text = (
        f"The sparsest point of each curve whose mean accuracy is at most {100 * LOST:g} point "
        "below dense, chosen on the held-out digits afterwards; then shared values (8 bits a code "
        "in convolutions, 4 in fully connected layers), fine-tuned, and integer inference. kbit, "
        f"mean of {len(SEEDS)} seeds. Index: a bit for each block (for each half step where they "
        "slide), or 4-bit runs with their fillers; codebooks of 16-bit values: blocks one for each "
        "region of 256x256 (convolutions: 256x4096), single weights one for each layer. Codes and "
        "runs are Huffman-coded with a table for each layer where that is shorter. Ratio: over "
        "32-bit weights, biases left out of both."
    )
    head = ("network", "pruned by", "density, %", "dense, %", "pruned, %", "quantized, %", "codes",
            "index", "codebooks", "Huffman tables", "ratio without Huffman", "ratio")  # fmt: skip
    return Shown("Stored at equal accuracy", text, head, tuple(rows), 2)


def criteria_table(data: Data) -> Shown:
    """Average against maximum."""
    rows = []
    for one in results.criteria(data):
        two = one["average"], one["maximum"]
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                f"x{two[0]['factor']:g}",
                *(percent(p["density"]) for p in two),
                *(percent(p["accuracy"], 2) for p in two),
                f"{100 * one['gap']:+.2f} ± {100 * one['spread']:.2f}",
            )
        )
    text = (
        "A block goes by its average or by its largest magnitude. Both ask for the same number of "
        "blocks; the average keeps more of those that an edge cuts off, hence fewer weights. "
        "Difference: average less maximum in points, mean and standard deviation over the seeds. "
        "The paper takes the average, as better than the maximum where at most 15 % of the weights "
        "stay."
    )
    head = ("network", "share", "density, average, %", "maximum, %", "accuracy, average, %",
            "maximum, %", "difference")  # fmt: skip
    return Shown("Average against maximum", text, head, tuple(rows), 2)


def gathering_table(data: Data) -> Shown:
    """Where the largest weights are."""
    rows = []
    for one in results.gathering(data):
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                one["layer"],
                "x".join(str(side) for side in one["block"]),
                *(percent(one[name]) for name in ("trained", "shuffled", "shuffled_most")),
                f"{one['above_shuffled']} of {len(SEEDS)}",
                percent(one["rearranged"]),
                f"{one['above_rearranged']} of {len(SEEDS)}",
                percent(one["untrained"]),
            )
        )
    text = (
        f"Of the {100 * TOP:g} % largest weights of a dense network, percent that lie in the "
        f"blocks fullest of them, as many as make {100 * TOP:g} % of the layer; mean of the seeds. "
        f"Shuffled: the same weights anywhere in the layer, mean and largest of {DRAWS} draws a "
        "seed. Rearranged: outputs, inputs and places of the kernel in another order, so that "
        "large rows and columns stay but are no neighbours. Above: seeds whose layer is above all "
        "draws. Untrained: the layer as it was initialised. Small blocks are uneven by chance too."
    )
    head = ("network", "layer", "block", "trained", "shuffled", "most of it", "above",
            "rearranged", "above it", "untrained")  # fmt: skip
    return Shown("Do large weights gather?", text, head, tuple(rows), 3)


def regions_table(data: Data) -> Shown:
    """Local quantization by size of the region."""
    rows = []
    for one in results.regions(data):
        whole = one["regions"] == 1
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                one["layer"],
                "layer" if whole else f"{one['side']}x{one['side']}",
                str(one["regions"]),
                percent(one["error"], 2),
                percent(one["shuffled"], 2),
                f"{one['books']:.2f}",
            )
        )
    text = (
        "The largest fully connected layer, pruned by blocks (average): 4-bit codes before "
        "fine-tuning, root mean square of the error in percent of that of the weights; shuffled: "
        "its weights that stay change places, so that regions are alike; and codebooks in bits for "
        "each weight that stays. The gap between the two columns is what is local; the rest of the "
        "gain is that there are more entries."
    )
    head = ("network", "layer", "region", "regions", "error, %", "shuffled, %", "codebooks, bits")
    return Shown("Local quantization: size of a region", text, head, tuple(rows), 3)


def shape_records() -> list[dict[str, Any]]:
    """Every network, way and distribution on the shapes of the papers."""
    made = []
    for network in shapes.NETWORKS:
        for way, published in (("fine", paper.FINE), ("blocks", paper.BLOCKS)):
            for distribution in shapes.DISTRIBUTIONS:
                parts = shapes.network_parts(network, way, 1.0, distribution)
                plain = shapes.network_parts(network, way, 1.0, distribution, huffman=False)
                whole = shapes.dense_bits(network)
                made.append(
                    {
                        "network": network,
                        "way": way,
                        "distribution": distribution,
                        "density": shapes.density(network),
                        "index": parts.index,
                        "codes": parts.codes,
                        "books": parts.books,
                        "tables": parts.tables,
                        "plain_ratio": whole / plain.total,
                        "ratio": whole / parts.total,
                        "paper": published[network],
                    }
                )
    return made


def index_records() -> list[dict[str, Any]]:
    """Index of every network in bits: one for each block; a run for each weight that stays, no
    fillers.
    """
    made = []
    for network, layers in shapes.NETWORKS.items():
        kept = sum(round(one.weights * one.density) for one in layers.values())
        blocks = shapes.network_parts(network, "blocks").index
        made.append({"network": network, "blocks": blocks, "runs": RUN * kept})
    return made


def shapes_table(records: list[dict[str, Any]]) -> Shown:
    """AlexNet and VGG-16."""
    rows = []
    for one in records:
        rows.append(
            (
                NETWORK_NAMES[one["network"]],
                "single weights" if one["way"] == "fine" else "blocks",
                one["distribution"],
                percent(one["density"], 2),
                *(f"{one[name] / 1e6:.2f}" for name in ("codes", "index", "books", "tables")),
                f"{one['plain_ratio']:.1f}",
                f"{one['ratio']:.1f}",
                paper.said(one["network"], one["way"]),
            )
        )
    text = (
        "Mbit. Densities: Deep Compression's, convolutions as SCNN's tables and fully connected "
        "layers as EIE's print them; Cambricon-S's own, layer by layer, are not public. Weights "
        "are drawn independently from this distribution; there is no accuracy. Blocks as above, "
        "whatever their weights; single weights: the largest. Everything else as in the table of "
        "the embedded networks. Paper: Deep Compression for single weights, Cambricon-S for "
        "blocks; VGG-16's 98 is second-hand and could not be checked."
    )
    head = ("network", "pruned by", "weights", "density, %", "codes", "index", "codebooks",
            "Huffman tables", "ratio without Huffman", "ratio", "paper")  # fmt: skip
    return Shown("AlexNet and VGG-16 by shape and density", text, head, tuple(rows), 3)


def why_rows() -> Iterator[tuple[str, ...]]:
    """What would have to be otherwise for the paper's ratio."""
    for network, ratio in paper.BLOCKS.items():
        whole = shapes.dense_bits(network)
        budget = whole / ratio
        for distribution in shapes.DISTRIBUTIONS:
            ours = shapes.network_parts(network, "blocks", 1.0, distribution)
            factor = shapes.factor_for(network, ratio, distribution)
            kept = shapes.density(network) * whole / shapes.DENSE
            each = (budget - ours.index - ours.books - ours.tables) / kept
            yield (
                NETWORK_NAMES[network],
                distribution,
                f"{whole / ours.total:.1f}",
                paper.said(network, "blocks"),
                percent(shapes.density(network), 2),
                percent(shapes.density(network, factor), 2),
                f"{ours.codes / kept:.2f}",
                f"{each:.2f}",
                percent((ours.index + ours.books + ours.tables) / ours.total),
            )


def why_table(data: Data) -> Shown:
    """Ours and the paper's ratio."""
    index = sum(shapes.block_parts(one, 1.0).index for one in shapes.NETWORKS["alexnet"].values())
    measured = " and ".join(
        f"{each:.2f} bits of {width}" for width, each in results.code_lengths(data).items()
    )
    drawn = "; ".join(
        " and ".join(f"{shapes.code_of_blocks(name, width).each:.2f}" for width in (4, 8))
        + f" {name}"
        for name in shapes.DISTRIBUTIONS
    )
    text = (
        "Two ways to the paper's ratio: fewer weights stay (density for it: all densities times "
        "one factor), or their codes are shorter at the same density (bits for it). Index, "
        "codebooks and tables are the last column: without them the ratio would still be lower. "
        f"A bit a block makes AlexNet's index {index / 8 / 1024:.2f} KB (the paper's: "
        f"{paper.INDEX_KB} KB, down from {paper.INDEX_MB} MB). On the embedded networks a code in "
        f"kept blocks takes {measured} (drawn: {drawn}), which speaks for density: the paper "
        "prunes by blocks and trains again on its own, to densities by layer that are not public. "
        "Single weights miss much the same share of Deep Compression's ratio at its own densities, "
        "which speaks for codes: in large trained networks they may be coded shorter than here. "
        "Which of the two it is cannot be told from what is public."
    )
    head = ("network", "weights", "ratio", "paper", "density, %", "density for it, %",
            "bits a weight", "bits for it", "all but codes, %")  # fmt: skip
    return Shown("What the paper's ratio would take", text, head, tuple(why_rows()), 2)


def all_tables(data: Data, shaped: list[dict[str, Any]]) -> list[Shown]:
    """In the order of the page."""
    return [
        gathering_table(data),
        *accuracy_tables(data),
        criteria_table(data),
        stored_table(data),
        regions_table(data),
        shapes_table(shaped),
        why_table(data),
    ]
