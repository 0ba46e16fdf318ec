"""EIE (Han et al. 2016): speed-ups by the published times, nine layers, studies, area of a PE.

Times of CPU and GPU are those of the paper's Table IV: what is reproduced is EIE's own time, on
random patterns at the printed densities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from models.workloads.eie import CLOCK_MHZ, EIE_LAYERS
from scripts.claims.claim import (
    Better,
    Claim,
    Ours,
    Paper,
    figure,
    micros,
    plain,
    share,
    unnumbered,
)
from scripts.claims.parts import AREA, memory_share, part_share
from scripts.claims.records import Node, Record
from scripts.measure.records import geomean

RECORD = Record("eie", "make bench DESIGN=eie BENCH_ARGS=--docs")
#: Microseconds of the dense layer, batch 1 (Table IV).
CPU = {
    "alex-6": 7516.2, "alex-7": 6187.1, "alex-8": 1134.9, "vgg-6": 35022.8, "vgg-7": 5372.8,
    "vgg-8": 774.2, "nt-we": 605.0, "nt-wd": 1361.4, "nt-lstm": 470.5,
}  # fmt: skip
GPU = {
    "alex-6": 541.5, "alex-7": 243.0, "alex-8": 80.5, "vgg-6": 1467.8, "vgg-7": 243.0,
    "vgg-8": 80.5, "nt-we": 65.0, "nt-wd": 90.1, "nt-lstm": 51.9,
}  # fmt: skip
PLAIN, TUNED = "plain", "tuned"
VARIANTS = {PLAIN: "as published", TUNED: "ours"}
DEPTHS, PES = "queue_depth", "num_pe"
_OF_BARS = "The figure has bars and no numbers."


def _mean(values: Iterable[float]) -> float:
    some = list(values)
    return sum(some) / len(some)


def _source(runs: Iterable[Node]) -> str:
    """All runs are from RTL; one that was not exact proves nothing."""
    return "RTL" if all(one["bit_exact"].true() for one in runs) else "RTL, not exact"


def _time(root: Node, layer: str, variant: str) -> float:
    """Microseconds of a layer, mean of the seeds."""
    runs = root["runs"].all(layer=layer, variant=variant)
    return _mean(one["cycles_compute"].positive() for one in runs) / CLOCK_MHZ


def _scaled(root: Node, layer: str, variant: str) -> float:
    """Microseconds of a layer if it had the published work: its ratio times theoretical time."""
    runs = root["runs"].all(layer=layer, variant=variant)
    return EIE_LAYERS[layer].theoretical_us * _ratio_of(runs)


def _speedup(
    other: Mapping[str, float], variant: str, time: Callable[[Node, str, str], float]
) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        found = geomean(known / time(root, layer, variant) for layer, known in other.items())
        return Ours(found, _source(root["runs"].all(variant=variant)))

    return ours


def _rate(*layers: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        total = sum(_time(root, layer, PLAIN) for layer in layers)
        runs = (one for layer in layers for one in root["runs"].all(layer=layer, variant=PLAIN))
        return Ours(1e6 / total, _source(runs))

    return ours


def _theoretical(layer: str) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        runs = root["runs"].all(layer=layer, variant=PLAIN)
        return Ours(
            _mean(one["baseline_cycles"].positive() for one in runs) / CLOCK_MHZ, "encoding"
        )

    return ours


def _ratio_of(runs: Iterable[Node]) -> float:
    return geomean(
        one["cycles_compute"].positive() / one["baseline_cycles"].positive() for one in runs
    )


def _ratio(layers: Iterable[str], variant: str) -> Callable[[Node], Ours]:
    """Actual over theoretical time, geometric mean of layers and seeds."""

    def ours(root: Node) -> Ours:
        runs = [one for layer in layers for one in root["runs"].all(layer=layer, variant=variant)]
        return Ours(_ratio_of(runs), _source(runs))

    return ours


def _points(root: Node, study: str, value: int, layers: Iterable[str]) -> list[Node]:
    return [
        root["studies"].one(study=study, layer=layer, variant=PLAIN, **{study: value})
        for layer in layers
    ]


def _of_points(points: Iterable[Node], value: float) -> Ours:
    sources = {one["source"].text() for one in points}
    return Ours(value, " and ".join({"rtl": "RTL"}.get(one, one) for one in sorted(sources)))


def _idle(depth: int) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        points = _points(root, DEPTHS, depth, EIE_LAYERS)
        return _of_points(points, 1 - _mean(one["efficiency"].number() for one in points))

    return ours


def _gain(low: int, high: int) -> Callable[[Node], Ours]:
    """Cycles of a queue of ``low`` entries over those of one of ``high``, geometric mean."""

    def ours(root: Node) -> Ours:
        short, long = (_points(root, DEPTHS, depth, EIE_LAYERS) for depth in (low, high))
        found = geomean(
            one["cycles_compute"].positive() / other["cycles_compute"].positive()
            for one, other in zip(short, long, strict=True)
        )
        return _of_points([*short, *long], found)

    return ours


def _scaling(pes: int, layers: Iterable[str]) -> Callable[[Node], Ours]:
    """Speed-up over one PE."""
    asked = list(layers)

    def ours(root: Node) -> Ours:
        many, single = (_points(root, PES, count, asked) for count in (pes, 1))
        found = geomean(
            one["cycles_compute"].positive() / other["cycles_compute"].positive()
            for one, other in zip(single, many, strict=True)
        )
        return _of_points([*many, *single], found)

    return ours


def _balance(pes: int) -> Callable[[Node], Ours]:
    def ours(root: Node) -> Ours:
        points = _points(root, PES, pes, EIE_LAYERS)
        return _of_points(points, _mean(one["efficiency"].number() for one in points))

    return ours


def _speedups() -> Iterator[Claim]:
    for name, other, value in (("CPU", CPU, 189), ("GPU", GPU, 13)):
        for variant, called in VARIANTS.items():
            for key, time, how in (
                ("", _scaled, "our actual over theoretical time, times the published theoretical "
                 "time (two layers have less work here: see their theoretical times)"),
                ("-own-work", _time, f"our compute time at {CLOCK_MHZ} MHz"),
            ):  # fmt: skip
                yield Claim(
                    key=f"speedup-{name.lower()}-{variant}{key}",
                    what=f"speed-up over {name}, batch 1, dense, {called}"
                    + (", our own work" if key else ""),
                    paper=figure(value, "abstract", text=f"{value}x"),
                    definition=f"Geometric mean of nine layers, 64 PEs: published time of the "
                    f"{name} (Table IV) over {how}.",
                    record=RECORD,
                    ours=_speedup(other, variant, time),
                    headline=not key,
                )


def _rates() -> Iterator[Claim]:
    for key, what, layers, paper in (
        ("fps-alexnet", "AlexNet's FC layers, frames a second", ("alex-6", "alex-7", "alex-8"),
         figure(18_800, "abstract", plain, text="18,800")),
        ("fps-alex-7", "AlexNet's FC7, frames a second", ("alex-7",),
         figure(81_967, "Table V", plain)),
    ):  # fmt: skip
        yield Claim(
            key=key,
            what=what,
            paper=paper,
            definition=f"One over the sum of our compute times at {CLOCK_MHZ} MHz, as published.",
            record=RECORD,
            ours=_rate(*layers),
            show=plain,
        )


def _layers() -> Iterator[Claim]:
    for layer, facts in EIE_LAYERS.items():
        yield Claim(
            key=f"theoretical-{layer}",
            what=f"{layer}: theoretical time",
            paper=figure(facts.theoretical_us, "Table IV", micros),
            definition="Entries of the encoding at the printed densities, padding counted as "
            f"work, over 64 PEs at {CLOCK_MHZ} MHz.",
            record=RECORD,
            ours=_theoretical(layer),
            show=micros,
            better=Better.NEITHER,
        )
    for layer, facts in EIE_LAYERS.items():
        yield Claim(
            key=f"ratio-{layer}",
            what=f"{layer}: actual over theoretical time",
            paper=figure(facts.ratio, "Table IV", plain),
            definition="As published, each over its own theoretical time, mean of the seeds.",
            record=RECORD,
            ours=_ratio((layer,), PLAIN),
            show=plain,
            better=Better.LESS,
        )
    for variant, called in VARIANTS.items():
        yield Claim(
            key=f"ratio-{variant}",
            what=f"nine layers: actual over theoretical time, {called}",
            paper=figure(
                geomean(one.ratio for one in EIE_LAYERS.values()), "Table IV, its mean", plain
            ),
            definition="Geometric mean of nine layers. Theoretical: entries with padding over PEs; "
            "below 1 where padding takes no slot.",
            record=RECORD,
            ours=_ratio(EIE_LAYERS, variant),
            show=plain,
            better=Better.LESS,
            headline=True,
        )


def _studies() -> Iterator[Claim]:
    yield Claim(
        key="depth-1",
        what="queue of depth 1: idle cycles",
        paper=figure(0.5, "text on figure 8", text="around half", rough=True),
        definition="1 - efficiency, mean of nine layers, 64 PEs, padding as work. Our PE has "
        "a second queue, of two column slices, behind that of activations.",
        record=RECORD,
        ours=_idle(1),
        show=share,
        better=Better.LESS,
        headline=True,
    )
    yield Claim(
        key="depth-8",
        what="queue of depth 8: what 256 would gain",
        paper=unnumbered("diminishing beyond 8", "figure 8"),
        definition="Cycles with a queue of 8 over those with one of 256, geometric mean, 64 PEs.",
        record=RECORD,
        ours=_gain(8, 256),
        better=Better.LESS,
        open=_OF_BARS,
    )
    yield Claim(
        key="pes-64",
        what="64 PEs over one, all layers but NT-We",
        paper=unnumbered("near linear", "figure 11"),
        definition="Geometric mean of eight layers, as published, queue depth 8.",
        record=RECORD,
        ours=_scaling(64, [one for one in EIE_LAYERS if one != "nt-we"]),
        open=_OF_BARS,
    )
    yield Claim(
        key="pes-64-nt-we",
        what="64 PEs over one, NT-We",
        paper=unnumbered("less than linear", "figure 11"),
        definition="As published, queue depth 8.",
        record=RECORD,
        ours=_scaling(64, ["nt-we"]),
        open=_OF_BARS,
    )
    yield Claim(
        key="balance-256",
        what="load balance at 256 PEs",
        paper=unnumbered("falls with the number of PEs", "figure 13"),
        definition="Efficiency (1 - idle slots over all, padding counts as work), mean of nine "
        "layers, as published, queue depth 8.",
        record=RECORD,
        ours=_balance(256),
        show=share,
        open=_OF_BARS,
    )


_PE = ("eie", "pe64_full", "a PE")
_AREA = (
    "Share of a PE of 64: NAND2 equivalents, and half a gate for a memory bit; the paper's is of "
    "um2 in 45 nm."
)


def _area() -> Iterator[Claim]:
    yield Claim(
        key="area-memory",
        what="area of a PE: memories",
        paper=figure(0.9322, "Table II", share, rough=True),
        definition=_AREA,
        record=AREA,
        ours=memory_share(*_PE),
        show=share,
        better=Better.NEITHER,
        headline=True,
    )
    for part, value in (
        ("pointer read", 121_849),
        ("sparse matrix read", 469_412),
        ("arithmetic", 3_110),
        ("activation read and write", 18_934),
    ):
        yield Claim(
            key=f"area-{part.replace(' ', '-')}",
            what=f"area of a PE: {part}",
            paper=figure(value / 638_024, "Table II", share, rough=True),
            definition=_AREA,
            record=AREA,
            ours=part_share(*_PE, part),
            show=share,
            better=Better.NEITHER,
        )


PAPER = Paper(
    short="EIE",
    cited='Han et al., "EIE: Efficient Inference Engine on Compressed Deep Neural Network", '
    "ISCA 2016 (arXiv 1602.01528)",
    year=2016,
    claims=(*_speedups(), *_rates(), *_layers(), *_studies(), *_area()),
)
