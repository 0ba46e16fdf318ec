"""The study of granularity (Mao et al. 2017): compression at equal accuracy, references saved.

Its networks are trained on ImageNet, and its pruned weights are not public; what is measured here
are two small networks on digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.claims.claim import Better, Claim, Ours, Paper, figure, share, times, within
from scripts.claims.parts import GRANULARITY
from scripts.claims.records import Node, Record
from scripts.granularity.paper import GRAINS, STORAGE

SCNN = Record("scnn", "make bench DESIGN=scnn BENCH_ARGS=--docs")
TRAINED = {"lenet_5": "LeNet-5", "vgg_7": "vgg_7"}
_NETWORK = "VGG-16"
_OPEN_NETWORKS = "The pruned networks (ImageNet) are not public; ours are others."
_OPEN_REFERENCE = "What a reference is, and of which layers, is not said."
_FORMULA = "Density times (8 n + 4) / 8 n for grains of n 8-bit weights with a 4-bit index."


def _formula(network: str, grain: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["paper"].one(network=network, granularity=grain)
        return Ours(one["formula"].number(), "formula")

    return ours


def _equal(network: str, name: str, grain: str, other: str) -> Callable[[Node], Ours]:
    """A figure of a granularity over that of another one, at equal accuracy."""

    def ours(root: Node) -> Ours:
        mine, below = (
            root["equal"].one(network=network, granularity=one)[name].positive()
            for one in (grain, other)
        )
        return Ours(mine / below, "training")

    return ours


def _saved(definition: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["references"].one(granularity="vector")
        return Ours(1 - one[definition].number(), "model")

    return ours


def _ratio(definition: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["references"].one(granularity="vector")
        return Ours(1 / one[definition].positive(), "model")

    return ours


def _counted(root: Node) -> Ours:
    """What SCNN with merging saves of vectors, all layers together."""
    mine = root["studies"]["merging"].all(granularity="vector")
    reads = sum(one["reads"].positive() for one in mine)
    rtl = all(one["source"].text() == "rtl" for one in mine)
    products = sum(one["products"].positive() for one in mine)
    return Ours(1 - reads / products, "RTL" if rtl else "model")


def _storage() -> Iterator[Claim]:
    for grain in GRAINS:
        density, stored = STORAGE[_NETWORK][grain]
        yield Claim(
            key=f"storage-{grain}",
            what=f"{_NETWORK} stored at {density:g} % density, {grain}",
            paper=figure(stored / 100, "table of storage", share),
            definition=_FORMULA,
            record=GRANULARITY,
            ours=_formula(_NETWORK, grain),
            show=share,
            better=Better.NEITHER,
            headline=grain == "vector",
        )


def _at_equal_accuracy() -> Iterator[Claim]:
    paper = STORAGE[_NETWORK]
    for name, at, what in (("density", 0, "weights kept"), ("formula", 1, "stored")):
        for grain in ("vector", "kernel"):
            for network, called in TRAINED.items():
                yield Claim(
                    key=f"{name}-{grain}-{network.replace('_', '-')}",
                    what=f"{what} over fine grains at equal accuracy, {grain}, {called}",
                    paper=figure(
                        paper[grain][at] / paper["fine"][at],
                        f"table of storage, {_NETWORK}",
                        times,
                    ),
                    definition=f"{called} on digits, one point below dense, mean of three seeds; "
                    "8-bit weights, 4-bit index, no fillers.",
                    record=GRANULARITY,
                    ours=_equal(network, name, grain, "fine"),
                    better=Better.LESS,
                    open=_OPEN_NETWORKS,
                    headline=name == "formula" and grain == "vector",
                )


def _references() -> Iterator[Claim]:
    yield Claim(
        key="references-d1",
        what="references of fine grains over those of rows of kernels",
        paper=figure(2.0, "abstract (arXiv)", text="about 2x", rough=True),
        definition="D1: a whole row of the map merged, VGG-16's layers, i.i.d. maps.",
        record=GRANULARITY,
        ours=_ratio("d1"),
        open=_OPEN_REFERENCE,
        headline=True,
    )
    paper = within(0.30, 0.35, "30 to 35 %", "abstract (CVPR workshops)")
    for key, what, found in (
        ("aligned", "within a step of one row and four activations", _saved("aligned")),
        ("d2", "within SCNN's steps of 4 x 4", _saved("d2")),
    ):
        yield Claim(
            key=f"references-{key}",
            what=f"references saved by rows of kernels, {what}",
            paper=paper,
            definition="D2: outputs of a step merged, weights in the order filter, row, column; "
            "VGG-16's layers, i.i.d. maps.",
            record=GRANULARITY,
            ours=found,
            show=share,
            open=_OPEN_REFERENCE,
            headline=key == "aligned",
        )
    yield Claim(
        key="references-scnn",
        what="references saved by rows of kernels, counted on SCNN with merging",
        paper=paper,
        definition="Accumulator reads over useful products, parts of four layers of VGG-16.",
        record=SCNN,
        ours=_counted,
        show=share,
        open=_OPEN_REFERENCE,
    )


PAPER = Paper(
    short="Granularity",
    cited='Mao et al., "Exploring the Regularity of Sparse Structure in Convolutional Neural '
    'Networks", 2017 (arXiv 1705.08922; CVPR workshops 2017)',
    year=2017,
    claims=(*_storage(), *_at_equal_accuracy(), *_references()),
)
