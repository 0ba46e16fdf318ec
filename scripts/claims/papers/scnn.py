"""SCNN (Parashar et al. 2017): networks, densities, size of a PE, area.

The densities of its 72 layers are public (tables of the Timeloop repository, same authors);
figures of its evaluation that are not in the abstract are as public notes on the paper have them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from models.workloads.scnn import NETWORKS
from scripts.bench.networks import evaluation
from scripts.claims.claim import (
    Better,
    Claim,
    Ours,
    Paper,
    figure,
    plain,
    share,
    times,
    within,
)
from scripts.claims.parts import AREA, of_mean, of_network, part_share, top_ratio
from scripts.claims.records import Node, Record

RECORD = Record("scnn", "make bench DESIGN=scnn BENCH_ARGS=--docs")
VARIANTS = {"plain": "as published", "tuned": "ours"}
SPEEDUPS = {"alexnet": 2.37, "googlenet": 2.19, "vgg16": 3.52}
#: mm2 of a PE of 0.123 mm2 in 16 nm.
PE_AREA = {
    "activation memories": 0.031,
    "weight FIFO": 0.004,
    "multipliers": 0.008,
    "scatter crossbar": 0.026,
    "accumulators": 0.036,
}
_NETWORKS = "evaluation of the networks"
_DENSITY = "sensitivity to sparsity"
_GRANULARITY = "PE granularity"
_SWEEP = (
    "GoogLeNet's shapes, weights and activations of this density, as published, over DCNN; from "
    "40 % up 32 output channels of a layer."
)
_MODULES = "Whole layers of GoogLeNet's 3a, 4d and 5b, groups of 8 output channels on both."
#: The record does not say which of its points were simulated.
_MODEL = "model"


def _density(value: float) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        return Ours(root["studies"]["density"].one(density=value)["speedup"].number(), _MODEL)

    return ours


def _crossover(root: Node) -> Ours:
    return Ours(root["studies"]["crossover"].number(), _MODEL)


def _late(variant: str) -> Callable[[Node], Ours]:
    """The best used of the last 1 x 1 layers."""

    def ours(root: Node) -> Ours:
        mine = root["studies"]["late"].all(variant=variant)
        return Ours(max(one["utilisation"].number() for one in mine), _MODEL)

    return ours


def _pe(build: str, groups: str = "8") -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["studies"]["large_pes"].one(build=build, kc=groups)
        return Ours(one["utilisation"].number(), _MODEL)

    return ours


def _small_over_large(groups: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        small, large = (
            root["studies"]["large_pes"].one(build=build, kc=groups)["cycles"].positive()
            for build in ("64x16", "4x256")
        )
        return Ours(large / small, _MODEL)

    return ours


def _networks() -> Iterator[Claim]:
    for network, value in SPEEDUPS.items():
        for variant, called in VARIANTS.items():
            yield Claim(
                key=f"{network}-{variant}",
                what=f"{evaluation.of('scnn').names[network]} over DCNN, {called}",
                paper=figure(value, _NETWORKS),
                definition=f"Total cycles of {len(NETWORKS[network])} layers, patterns drawn at "
                "the published densities. DCNN: as many PEs and multipliers, the plane cut alike.",
                record=RECORD,
                ours=of_network(network, variant),
                headline=True,
            )
    for variant, called in VARIANTS.items():
        yield Claim(
            key=f"mean-{variant}",
            what=f"mean of the networks over DCNN, {called}",
            paper=figure(2.7, "abstract", text="2.7x"),
            definition="Mean of the three ratios.",
            record=RECORD,
            ours=of_mean(variant),
        )


def _densities() -> Iterator[Claim]:
    for density, value, text in ((1.0, 0.79, "79 %"), (0.1, 24.0, "24x")):
        yield Claim(
            key=f"density-{density:g}",
            what=f"over DCNN at density {density:g} of both",
            paper=figure(value, _DENSITY, text=text),
            definition=_SWEEP,
            record=RECORD,
            ours=_density(density),
            headline=True,
        )
    yield Claim(
        key="crossover",
        what="density below which SCNN is faster",
        paper=figure(0.85, _DENSITY, text="about 0.85", rough=True),
        definition=f"Where the speed-up is 1. {_SWEEP}",
        record=RECORD,
        ours=_crossover,
        show=plain,
    )
    for variant, called in VARIANTS.items():
        yield Claim(
            key=f"late-{variant}",
            what=f"multipliers used in GoogLeNet's late layers, {called}",
            paper=within(-math.inf, 0.2, "below 20 %", _NETWORKS),
            definition="The best of the 1x1 layers of 5a and 5b.",
            record=RECORD,
            ours=_late(variant),
            show=share,
            headline=True,
        )


def _sizes() -> Iterator[Claim]:
    for groups, key, definition in (
        ("8", "64x16-over-4x256", _MODULES),
        ("chosen", "64x16-over-4x256-chosen",
         "Whole layers of GoogLeNet's 3a, 4d and 5b, groups as the compiler chooses for each."),
    ):  # fmt: skip
        yield Claim(
            key=key,
            what="64 PEs of 16 multipliers over 4 of 256"
            + (", groups chosen" if groups == "chosen" else ""),
            paper=figure(1.11, _GRANULARITY, text="1.11x"),
            definition=definition,
            record=RECORD,
            ours=_small_over_large(groups),
            better=Better.NEITHER,
            headline=groups == "8",
        )
    for build, value in (("64x16", 0.59), ("4x256", 0.35)):
        yield Claim(
            key=f"used-{build}",
            what=f"multipliers used, {build.replace('x', ' PEs of ')}",
            paper=figure(value, _GRANULARITY, share, text=f"{100 * value:.0f} %"),
            definition=_MODULES,
            record=RECORD,
            ours=_pe(build),
            show=share,
        )


def _area() -> Iterator[Claim]:
    for part, value in PE_AREA.items():
        yield Claim(
            key=f"area-{part.replace(' ', '-')}",
            what=f"area of a PE: {part}",
            paper=figure(value / 0.123, "table of a PE's area", share, rough=True),
            definition="Share of a PE: NAND2 equivalents, and half a gate for a memory bit; the "
            "paper's is of mm2 in 16 nm.",
            record=AREA,
            ours=part_share("scnn", "8x8", "a PE", part),
            show=share,
            better=Better.NEITHER,
        )
    yield Claim(
        key="area-over-dense",
        what="area over a dense accelerator with as many multipliers",
        paper=figure(7.9 / 5.9, "table of the configurations", times, rough=True),
        definition="8 x 8 PEs over our dense array of 32 x 32, which is not DCNN: gates, and half "
        "a gate for a memory bit.",
        record=AREA,
        ours=top_ratio(("scnn", "8x8"), ("dense", "32x32")),
        better=Better.LESS,
        headline=True,
    )


PAPER = Paper(
    short="SCNN",
    cited='Parashar et al., "SCNN: An Accelerator for Compressed-sparse Convolutional Neural '
    'Networks", ISCA 2017 (arXiv 1708.04485)',
    year=2017,
    claims=(*_networks(), *_densities(), *_sizes(), *_area()),
)
