"""FlexFlow-Pro (Lu et al. 2019): zero neurons and synapses left out. Its abstract is public."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from scripts.claims.claim import Claim, Ours, Paper, figure, within
from scripts.claims.parts import of_mean
from scripts.claims.records import Node, Record

RECORD = Record("flexflow_pro", "make bench DESIGN=flexflow_pro BENCH_ARGS=--docs")
VARIANTS = {"plain": "relaxed", "tuned": "relaxed, balanced"}
_OPEN = "Baselines, networks, densities and the size of the array are not said."
_LOCK_STEP = (
    "Over the same build in lock step (FlexFlow), AlexNet, GoogLeNet and VGG-16 at the densities "
    "of SCNN's evaluation"
)


def _energy(variant: str, key: str) -> Callable[[Node], Ours]:
    """Mean of the networks, i.i.d. maps."""

    def ours(root: Node) -> Ours:
        mine = root["studies"]["energy"].all(variant=variant, maps="iid")
        found = sum(one[key].number() for one in mine) / len(mine)
        return Ours(found, "model, energy.toml")

    return ours


def _in_total(root: Node) -> Ours:
    """The same with streams, both mapped for the fewest cycles in total."""
    found = []
    loading = root["studies"]["loading"]
    for one in loading.all(variant="tuned", objective="total"):
        network = one["network"].text()
        base = loading.one(network=network, variant="lock_step", objective="total")
        found.append(base["energy_pj"].number() / one["energy_pj"].number())
    return Ours(sum(found) / len(found), "model, energy.toml")


def _claims() -> Iterator[Claim]:
    for variant, called in VARIANTS.items():
        yield Claim(
            key=f"speedup-{variant}",
            what=f"performance, mean, {called}",
            paper=within(2.5, math.inf, "more than 2.5x", "abstract"),
            definition=f"{_LOCK_STEP}, mean of the three ratios of compute cycles.",
            record=RECORD,
            ours=of_mean(variant),
            open=_OPEN,
            headline=True,
        )
    for variant, called in VARIANTS.items():
        for key, where in (("chip_ratio", "on the chip"), ("all_ratio", "with streams")):
            yield Claim(
                key=f"energy-{variant}-{key.partition('_')[0]}",
                what=f"energy efficiency {where}, {called}",
                paper=figure(2.0, "abstract", text="2x"),
                definition=f"{_LOCK_STEP}, mean of the three ratios of energy {where}.",
                record=RECORD,
                ours=_energy(variant, key),
                open=_OPEN,
                headline=(variant, key) == ("plain", "chip_ratio"),
            )
    yield Claim(
        key="energy-total-all",
        what="energy efficiency with streams, least in total",
        paper=figure(2.0, "abstract", text="2x"),
        definition=f"{_LOCK_STEP}, both mapped for the fewest cycles with loading counted, mean of "
        "the three ratios of energy with streams.",
        record=RECORD,
        ours=_in_total,
        open=_OPEN,
        headline=True,
    )


PAPER = Paper(
    short="FlexFlow-Pro",
    cited='Lu et al., "FlexFlow-Pro", IEEE Transactions on Computers 68(6), 2019 '
    "(doi 10.1109/TC.2018.2890258)",
    year=2019,
    claims=tuple(_claims()),
)
