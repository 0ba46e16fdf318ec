"""Sparse-on-Dense (Yoon, Ryu, Kim 2026): dense PEs behind decompression. Its abstract is public."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models import registry
from scripts.claims.claim import Better, Claim, Ours, Paper, figure, share
from scripts.claims.parts import PERGATE, RUN, SYNTHESIS
from scripts.claims.records import Node

_OPEN_SIZE = "Size of the array, format's width and technology are not said."
_OPEN_RIVAL = "The sparse accelerators that it is compared with, layers and densities are not said."
_ABSTRACT = "abstract"
#: Format, side of the array, units, lanes of a unit.
UNITS = (("CSC", 16, 4, 1), ("CSC", 32, 4, 1), ("bitmap", 16, 4, 4), ("bitmap", 32, 4, 4))
#: Builds of designs with sparse PEs, beside which it has its largest advantage.
RIVALS = ("EIE, 64 PEs", "EIE, 64 PEs, files as memory")
#: The network of ``make run`` that every design runs.
NETWORK = "lenet_300_100"
SPARSE = ("eie", "scnn", "flexflow_pro")


def _overhead(form: str, size: int, units: int, lanes: int) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["overhead"].one(format=form, size=size, units=units, lanes=lanes)
        return Ours(one["of_array"].number(), SYNTHESIS)

    return ours


def _advantage(build: str, measure: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["advantages"].one(above="sparse_on_dense", build=build, measure=measure)
        return Ours(one["ratio"].number(), "model, synthesis")

    return ours


def _energy(rival: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        mine, other = (
            _one(root, design)["energy_pj"].positive() for design in ("sparse_on_dense", rival)
        )
        return Ours(other / mine, "RTL, energy.toml")

    return ours


def _one(root: Node, design: str) -> Node:
    """The record of a design; the file is a list."""
    return root.one(workload=NETWORK, design=design)


def _claims() -> Iterator[Claim]:
    for form, size, units, lanes in UNITS:
        yield Claim(
            key=f"area-{form.lower()}-{size}",
            what=f"area of decompression, {form}, {size} x {size}",
            paper=figure(0.02, _ABSTRACT, text="about 2 %", rough=True),
            definition=f"Gates of {units} units of {lanes} lane{'s' * (lanes > 1)} over those of "
            "the array.",
            record=PERGATE,
            ours=_overhead(form, size, units, lanes),
            show=share,
            better=Better.LESS,
            open=_OPEN_SIZE,
            headline=form == "CSC",
        )
    for build in RIVALS:
        yield Claim(
            key=f"per-area-{'memory' if 'memory' in build else 'flip-flops'}",
            what="throughput per area, at most, over "
            + build.replace("files as memory", "its files as memories"),
            paper=figure(11.9, _ABSTRACT, text="up to 11.9x"),
            definition="Useful multiplies a second and gate, equal clock, memories not counted, 16 "
            "x 16; the largest ratio over a grid of densities on two layers.",
            record=PERGATE,
            ours=_advantage(build, "equal"),
            open=_OPEN_RIVAL,
            headline=True,
        )
    for rival in SPARSE:
        yield Claim(
            key=f"energy-{rival.replace('_', '-')}",
            what=f"energy efficiency over {registry.design(rival).title}",
            paper=figure(3.2, _ABSTRACT, text="up to 3.2x"),
            definition="LeNet-300-100, 200 digits, with streams, in the build of make run; the "
            "paper's are AlexNet, VGG-16 and BERT.",
            record=RUN,
            ours=_energy(rival),
            open=_OPEN_RIVAL,
            headline=True,
        )


PAPER = Paper(
    short="Sparse-on-Dense",
    cited='Yoon, Ryu, Kim, "Sparse-on-Dense", 2026 (arXiv 2604.26587)',
    year=2026,
    claims=tuple(_claims()),
)
