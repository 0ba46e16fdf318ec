"""Cambricon-S and Cambricon-SE (Zhou et al. 2018, Zeng et al. 2020): blocks, from pruning to cores.

Compression is of the papers' shapes at Deep Compression's densities, since Cambricon-S's own are
not public; of Cambricon-SE's figures only the abstract is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.workloads.cambricon_se import PUBLISHED_INDEXING
from scripts.claims.claim import Better, Claim, Ours, Paper, figure, share, times
from scripts.claims.parts import COARSE, SYNTHESIS, source
from scripts.claims.records import Node, Record
from scripts.coarse import paper

RECORD = Record("cambricon_se", "make bench DESIGN=cambricon_se BENCH_ARGS=--docs")
_DENSITIES = "Densities by layer, regions and what the ratio counts are not public."
_INDEX = "What the index holds is not said."
NETWORKS = {"alexnet": "AlexNet", "vgg16": "VGG-16"}
KIB = 8 * 1024
#: Networks of whose convolutions the mean is, and variants at equal density and with 20 % more.
CONVOLUTIONS = ("alexnet", "googlenet", "vgg16")
VARIANTS = {"tuned": "", "more": ", 20 % more weights in blocks"}
#: Parts of a core that find operands, as the design's split names them.
_INDEXING = ("neuron buffer", "index list", "neuron selector", "synapse selectors")
_RIVAL = "The accelerator it is compared with, networks and densities are not said."
_OVER_X = (
    "Mean of AlexNet's, GoogLeNet's and VGG-16's convolutions at the densities of SCNN's "
    "evaluation over as many multipliers with a selector and masks in each PE (X-like)"
)


def _compressed(network: str, distribution: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["shapes"].one(network=network, way="blocks", distribution=distribution)
        return Ours(one["ratio"].number(), "encoding")

    return ours


def _index(root: Node) -> Ours:
    return Ours(root["index"].one(network="alexnet")["blocks"].number() / KIB, "encoding")


def _index_ratio(root: Node) -> Ours:
    one = root["index"].one(network="alexnet")
    return Ours(one["runs"].number() / one["blocks"].positive(), "encoding")


def _kib(value: float) -> str:
    """KB of 1,024 bytes."""
    return f"{value:.2f} KB"


def _compression() -> Iterator[Claim]:
    for network, called in NETWORKS.items():
        second = network in paper.UNCHECKED
        for distribution in ("normal", "Laplace"):
            text = f"{paper.BLOCKS[network]:g}x" + (" (second-hand)" if second else "")
            yield Claim(
                key=f"compression-{network}-{distribution.lower()}",
                what=f"{called} compressed, {distribution} weights",
                paper=figure(paper.BLOCKS[network], "Cambricon-S, compression", times, text=text),
                definition="32-bit weights over blocks, 8- and 4-bit codes of regional codebooks, "
                "Huffman-coded; Deep Compression's densities, weights drawn, no accuracy.",
                record=COARSE,
                ours=_compressed(network, distribution),
                open=_DENSITIES,
                headline=distribution == "normal",
            )
    yield Claim(
        key="index",
        what="AlexNet's index by blocks",
        paper=figure(paper.INDEX_KB, "Cambricon-S, index", _kib),
        definition="A bit for each block: 1 input by 16 outputs in convolutions, 32 x 32 in fc6 "
        "and fc7, 16 x 16 in fc8.",
        record=COARSE,
        ours=_index,
        show=_kib,
        better=Better.LESS,
        open=_INDEX,
        headline=True,
    )
    yield Claim(
        key="index-ratio",
        what="AlexNet's index, single weights over blocks",
        paper=figure(102.82, "Cambricon-S, index", text="102.82x"),
        definition="A 4-bit run for each weight that stays, no fillers, over a bit for each block.",
        record=COARSE,
        ours=_index_ratio,
        open=_INDEX,
    )


def _mean(variant: str) -> Callable[[Node], Ours]:
    """Speed-up of the convolutions, mean of the networks."""

    def ours(root: Node) -> Ours:
        some = [
            root["summary"].one(network=network, variant=variant, maps="iid")
            for network in CONVOLUTIONS
        ]
        return Ours(sum(one["speedup"].number() for one in some) / len(some), source(some))

    return ours


def _energy(variant: str, key: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        some = [
            root["studies"]["energy"].one(network=network, variant=variant, maps="iid")
            for network in CONVOLUTIONS
        ]
        return Ours(sum(one[key].number() for one in some) / len(some), "model, energy.toml")

    return ours


def _frames(how: str, key: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        return Ours(root["studies"]["frames"].one(how=how)[key].number(), "model")

    return ours


def _indexing(build: str) -> Callable[[Node], Ours]:
    """What finds operands, of the gates of a core."""

    def ours(root: Node) -> Ours:
        one = root["studies"]["silicon"].one(build=build)
        finding = sum(one["parts"][name].number() for name in _INDEXING)
        return Ours(finding / one["gates"].positive(), SYNTHESIS)

    return ours


def _fps(value: float) -> str:
    """Frames a second."""
    return f"{value:.2f} fps"


def _speed() -> Iterator[Claim]:
    for name, value, where, key in (
        ("Cambricon-SE over a sparse accelerator", 1.20, "Cambricon-SE, abstract", "se"),
        ("Cambricon-S over Cambricon-X", 1.71, "Cambricon-S, evaluation", "s"),
    ):
        for variant, called in VARIANTS.items():
            yield Claim(
                key=f"speedup-{key}-{variant}",
                what=f"{name}{called}",
                paper=figure(value, where),
                definition=f"{_OVER_X}, of equal density{called and ' but for that'}.",
                record=RECORD,
                ours=_mean(variant),
                open=_RIVAL if key == "se" else _DENSITIES,
                headline=True,
            )


def _rest() -> Iterator[Claim]:
    for key, where in (("chip_ratio", "on the chip"), ("all_ratio", "with streams")):
        yield Claim(
            key=f"energy-{key.partition('_')[0]}",
            what=f"energy efficiency {where}",
            paper=figure(2.72, "Cambricon-SE, abstract"),
            definition=f"{_OVER_X}: counters times energy.toml, mean of the three ratios.",
            record=RECORD,
            ours=_energy("tuned", key),
            open=_RIVAL,
            headline=True,
        )
    for key, how, label, where in (
        ("compute", "compute alone", "fps", "computing alone"),
        ("streams", "loading counts", "fps_packed", "with packed streams"),
    ):
        yield Claim(
            key=f"frames-{key}",
            what=f"frames of 1920 x 1080 a second, {where}",
            paper=figure(76.59, "Cambricon-SE, abstract", _fps),
            definition="VGG-16's 13 convolutions, two cores of 16 x 16 multipliers, 1 GHz, some "
            "lines of a layer times as many.",
            record=RECORD,
            ours=_frames(how, label),
            show=_fps,
            open="The network is not said.",
            headline=True,
        )
    for build, called in (("x_like", "X-like"), ("tuned", "ours")):
        yield Claim(
            key=f"indexing-{build.replace('_', '-')}",
            what=f"area of the indexing module of Cambricon-X, {called}",
            paper=figure(PUBLISHED_INDEXING, "Cambricon-S, on Cambricon-X", share, rough=True),
            definition="Neuron selector, synapse selectors and list, of the gates of a core; "
            "memories not counted. The paper's is of a layout in 65 nm.",
            record=RECORD,
            ours=_indexing(build),
            show=share,
            better=Better.LESS,
            open="What the module includes is not said.",
            headline=True,
        )


PAPER = Paper(
    short="Cambricon-SE",
    cited='Zhou et al., "Cambricon-S", MICRO 2018; Zeng et al., "Cambricon-SE", IEEE Transactions '
    "on Computers 69, 2020 (doi 10.1109/TC.2020.2978475)",
    year=2020,
    claims=(*_speed(), *_rest(), *_compression()),
)
