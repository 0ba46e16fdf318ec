"""The map as numbers: best builds by measure, ratios of dense PEs to sparse ones, their largest.

``data`` is what ``map.json`` holds: ``builds`` with gates and FO4, and ``points``, records of
``grid.measure``. A sparse design whose builds as published are there, too, is two rivals of dense
PEs: by its name, and by that with ``AS_PUBLISHED`` behind it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models import registry
from models.design import BASELINE
from scripts.claims.claim import Better, figure, judged
from scripts.map.grid import dense_designs, sparse_designs

Data = Mapping[str, Any]
Record = Mapping[str, Any]
#: Figure of merit -> how it reads.
MEASURES = {
    "time": "fastest at about equal gates",
    "area": "throughput per gate",
    "energy": "work per joule",
}
#: The clock of a build: its own longest path, or none longer than the baseline's multiply-add.
OWN, PIPELINED = "own", "pipelined"
CLAIMED = {
    "area": figure(11.9, "abstract", text="up to 11.9x"),
    "energy": figure(3.2, "abstract", text="up to 3.2x"),
}
AS_PUBLISHED = ", as published"


def key(record: Record) -> tuple[str, str, float, float]:
    """Its point."""
    return (
        record["kind"],
        record["structure"],
        record["weight_density"],
        record["activation_density"],
    )


def multiply_add(data: Data) -> float:
    """FO4 of the baseline, whose longest path is a multiplier and what follows."""
    return min(one["fo4"] for one in data["builds"] if one["design"] == BASELINE)


def rivals(data: Data) -> list[str]:
    """Designs whose PEs skip zeros, each behind it as published where such builds are there."""
    there = {one["design"] for one in data["builds"] if one["published"]}
    return [
        rival
        for name in sparse_designs()
        for rival in (name, *([name + AS_PUBLISHED] if name in there else []))
    ]


def title_of(rival: str) -> str:
    """Of a rival: the title of its design, and how it is built.

    >>> title_of("scnn, as published")
    'SCNN, as published'
    """
    name = rival.removesuffix(AS_PUBLISHED)
    return registry.design(name).title + rival.removeprefix(name)


def costs(data: Data, clock: str = OWN) -> dict[tuple[str, str], tuple[float, float] | None]:
    """(design, size) -> gates and FO4 of a cycle; None where its gates are not known."""
    limit = multiply_add(data) if clock == PIPELINED else math.inf
    return {
        (one["design"], one["size"]): (
            None if one["gates"] is None else (one["gates"], min(one["fo4"], limit))
        )
        for one in data["builds"]
    }


def merits(
    data: Data, measure: str, clock: str = OWN, published: bool = False
) -> dict[Any, dict[str, float]]:
    """Point -> design -> merit of its best build there: the larger, the better. ``published``:
    builds as published, too, under a name of their own.
    """
    cost = costs(data, clock)
    without = {(one["design"], one["size"]) for one in data["builds"] if one["published"]}
    found: dict[Any, dict[str, float]] = {}
    for one in data["points"]:
        build = one["design"], one["size"]
        if build in without and not published:
            continue
        known = cost[build]
        if measure == "energy":
            merit = 1 / one["energy_nj"]
        elif known is None:
            continue
        else:
            gates, fo4 = known
            merit = 1 / (one["cycles"] * fo4 * (gates if measure == "area" else 1.0))
        here = found.setdefault(key(one), {})
        name = one["design"] + AS_PUBLISHED * (build in without)
        here[name] = max(here.get(name, 0.0), merit)
    return found


def top(merit: Mapping[str, float], among: Collection[str]) -> float:
    """The best merit of some designs, 0 without."""
    return max((value for name, value in merit.items() if name in among), default=0.0)


def dense_over(
    data: Data,
    rival: str,
    measure: str,
    clock: str = OWN,
    among: Collection[str] | None = None,
) -> dict[Any, float]:
    """Point -> merit of the best dense PEs (of those ``among``, by default all) over that of a
    rival.
    """
    found = merits(data, measure, clock, published=True)
    ahead = dense_designs() if among is None else among
    return {
        point: top(merit, ahead) / merit[rival] for point, merit in found.items() if rival in merit
    }


def break_even(data: Data, measure: str) -> dict[Any, float]:
    """Point -> merit of the best sparse PEs over that of the best dense ones."""
    return {
        point: top(merit, sparse_designs()) / top(merit, dense_designs())
        for point, merit in merits(data, measure).items()
    }


def verdicts(data: Data) -> list[dict[str, Any]]:
    """For each rival and measure: how far dense PEs are ahead at most, on average, at least, and
    where; how far those behind decompression are at most, and what the rule of ``make claims`` says
    of that beside the published figure.
    """
    made: list[dict[str, Any]] = []
    behind = [one for one in dense_designs() if one != BASELINE]
    for measure, claimed in CLAIMED.items():
        for rival in rivals(data):
            ratios = dense_over(data, rival, measure)
            if not ratios:
                made.append({"measure": measure, "design": rival, "known": False})
                continue
            most, least = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
            piped = dense_over(data, rival, measure, PIPELINED)
            decompressed = max(dense_over(data, rival, measure, among=behind).values())
            made.append(
                {
                    "measure": measure,
                    "design": rival,
                    "known": True,
                    "published": claimed.text,
                    "most": round(ratios[most], 6),
                    "most_where": list(most),
                    "least": round(ratios[least], 6),
                    "least_where": list(least),
                    "mean": round(geometric(list(ratios.values())), 6),
                    "ahead": round(sum(one > 1 for one in ratios.values()) / len(ratios), 6),
                    "most_pipelined": round(max(piped.values()), 6),
                    "decompressed": round(decompressed, 6),
                    "verdict": judged(claimed, Better.MORE, decompressed),
                }
            )
    return made


def geometric(values: Sequence[float]) -> float:
    """Mean of the logarithms.

    >>> geometric([1, 4])
    2.0
    """
    return math.exp(sum(map(math.log, values)) / len(values))


def where(point: Sequence[Any]) -> str:
    """A point in words.

    >>> where(("3x3", "fine", 0.1, 1.0))
    '3x3, fine, weights 10 %, activations 100 %'
    """
    kind, structure, weight, activation = point
    return f"{kind}, {structure}, weights {100 * weight:g} %, activations {100 * activation:g} %"


def tally(data: Data, measure: str) -> dict[str, int]:
    """Design -> points at which it is the best, most first."""
    counts: dict[str, int] = {}
    for merit in merits(data, measure).values():
        winner = max(merit, key=merit.__getitem__)
        counts[winner] = counts.get(winner, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: -one[1]))
