"""SPS (Heo et al. 2022): energy and storage of periodic patterns. Its abstract is public."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.claims.claim import Claim, Ours, Paper, figure, times
from scripts.claims.records import Node, Record
from scripts.formats.claims import PAPER_PATTERN_RATIO, PAPER_TOTAL_RATIO

RECORD = Record("sps", "make bench DESIGN=sps BENCH_ARGS=--docs")
_OPEN = "Formats, networks, periods and widths are not said."
_ABSTRACT = "abstract"
_COLUMNS = "compressed sparse columns"
NETWORKS = {"vgg16": "VGG-16", "resnet18": "ResNet-18"}


def _energy(kept: int, form: str, key: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["studies"]["energy"].one(kept=kept, format=form)
        return Ours(one[key].number(), "model, energy.toml")

    return ours


def _stored(network: str, form: str) -> Callable[[Node], Ours]:
    """Weights and index in a format over those of periodic patterns."""

    def ours(root: Node) -> Ours:
        sizes = root["studies"]["storage"]["networks"][network]
        whole, own = (_pair(sizes[one]) for one in (form, "periodic"))
        return Ours(sum(whole) / sum(own), "encoding")

    return ours


def _pair(node: Node) -> tuple[float, float]:
    """Bits of values and of index."""
    values, index = (node.item(at, 2).positive() for at in (0, 1))
    return values, index


def _index(network: str, period: int) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["studies"]["periods"].one(network=network, period=period)
        return Ours(one["index"].number(), "encoding")

    return ours


def _claims() -> Iterator[Claim]:
    for kept in (4, 2):
        yield Claim(
            key=f"energy-{kept}",
            what=f"energy efficiency, {kept} of 9 weights kept",
            paper=figure(4.49, _ABSTRACT),
            definition="Energy on the chip of the same weights in compressed sparse columns on "
            "Sparse-on-Dense over that of SPS, 16 x 16 multipliers, three layers, 8 patterns.",
            record=RECORD,
            ours=_energy(kept, _COLUMNS, "chip_ratio"),
            open=_OPEN,
            headline=True,
        )
    for network, called in NETWORKS.items():
        yield Claim(
            key=f"storage-{network}",
            what=f"weight storage, {called}",
            paper=figure(PAPER_TOTAL_RATIO, _ABSTRACT),
            definition="Weights and index as coordinates (COO, as narrow as each layer allows) "
            "over those of periodic patterns: 3x3 layers, 4 of 9 8-bit weights, 8 patterns.",
            record=RECORD,
            ours=_stored(network, "COO"),
            open=_OPEN,
            headline=network == "vgg16",
        )
    for period in (8, 32):
        yield Claim(
            key=f"index-{period}",
            what=f"index memory, {period} patterns",
            paper=figure(PAPER_PATTERN_RATIO, _ABSTRACT, times),
            definition=f"Coordinates (COO) of VGG-16's 3x3 layers over {period} x 4 places of 4 "
            "bits a layer" + ("; more patterns than the array holds." if period > 16 else "."),
            record=RECORD,
            ours=_index("vgg16", period),
            open=_OPEN,
            headline=period == 8,
        )


PAPER = Paper(
    short="SPS",
    cited='Heo et al., "Sparse Periodic Systolic Dataflow", ISLPED 2022 (arXiv 2207.00068)',
    year=2022,
    claims=tuple(_claims()),
)
