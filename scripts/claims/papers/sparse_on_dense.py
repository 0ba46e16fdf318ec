"""Sparse-on-Dense (Yoon, Ryu, Kim 2026): dense PEs behind decompression. Its abstract is public."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.claims.claim import Better, Claim, Ours, Paper, figure, share
from scripts.claims.parts import PERGATE, SYNTHESIS
from scripts.claims.records import Node, Record
from scripts.map.data import AS_PUBLISHED, CLAIMED, title_of

_OPEN_SIZE = "Size of the array, format's width and technology are not said."
_OPEN_RIVAL = "The sparse accelerators that it is compared with, layers and densities are not said."
_ABSTRACT = "abstract"
#: Format, side of the array, units, lanes of a unit.
UNITS = (("CSC", 16, 4, 1), ("CSC", 32, 4, 1), ("bitmap", 16, 4, 4), ("bitmap", 32, 4, 4))
#: Measure of the map -> what is claimed, the source of ours, its definition.
MEASURES = {
    "area": (
        "throughput per area",
        "model, synthesis",
        "Layers a second and gate, memories not counted, each build at its own clock",
    ),
    "energy": ("energy efficiency", "model, energy.toml", "Layers a joule, streams as DRAM"),
}
#: What it stands beside: designs whose PEs skip zeros, SCNN with its own crossbar and with ours.
RIVALS = ("eie", "scnn", "scnn" + AS_PUBLISHED, "sps", "flexflow_pro", "cambricon_se")
MAP = Record("map", "make map MAP_ARGS=--docs")


def _overhead(form: str, size: int, units: int, lanes: int) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["overhead"].one(format=form, size=size, units=units, lanes=lanes)
        return Ours(one["of_array"].number(), SYNTHESIS)

    return ours


def _largest(rival: str, measure: str, source: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        one = root["verdicts"].one(measure=measure, design=rival)
        return Ours(one["decompressed"].number(), source)

    return ours


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
    for measure, (what, source, definition) in MEASURES.items():
        for rival in RIVALS:
            yield Claim(
                key=f"{measure}-{rival.replace(', ', '-').replace('_', '-').replace(' ', '-')}",
                what=f"{what}, at most, over {title_of(rival)}",
                paper=CLAIMED[measure],
                definition=f"{definition}; builds nearest in gates to the array of 16 x 16; the "
                "largest ratio over six kinds of layer, 15 densities, four structures.",
                record=MAP,
                ours=_largest(rival, measure, source),
                open=_OPEN_RIVAL,
                headline=True,
            )


PAPER = Paper(
    short="Sparse-on-Dense",
    cited='Yoon, Ryu, Kim, "Sparse-on-Dense", 2026 (arXiv 2604.26587)',
    year=2026,
    claims=tuple(_claims()),
)
