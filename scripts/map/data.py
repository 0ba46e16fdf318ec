"""The map as numbers: best builds by measure, ratios of dense PEs to sparse ones, their largest.

``data`` is what ``map.json`` holds: ``builds`` with gates and FO4, and ``points``, records of
``grid.measure``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models.design import BASELINE
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
PUBLISHED = {"area": 11.9, "energy": 3.2}


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


def costs(data: Data, clock: str = OWN) -> dict[tuple[str, str], tuple[float, float] | None]:
    """(design, size) -> gates and FO4 of a cycle; None where its gates are not known."""
    limit = multiply_add(data) if clock == PIPELINED else math.inf
    return {
        (one["design"], one["size"]): (
            None if one["gates"] is None else (one["gates"], min(one["fo4"], limit))
        )
        for one in data["builds"]
    }


def merits(data: Data, measure: str, clock: str = OWN) -> dict[Any, dict[str, float]]:
    """Point -> design -> merit of its best build there: the larger, the better."""
    cost = costs(data, clock)
    found: dict[Any, dict[str, float]] = {}
    for one in data["points"]:
        known = cost[one["design"], one["size"]]
        if measure == "energy":
            merit = 1 / one["energy_nj"]
        elif known is None:
            continue
        else:
            gates, fo4 = known
            merit = 1 / (one["cycles"] * fo4 * (gates if measure == "area" else 1.0))
        here = found.setdefault(key(one), {})
        here[one["design"]] = max(here.get(one["design"], 0.0), merit)
    return found


def top(merit: Mapping[str, float], among: Collection[str]) -> float:
    """The best merit of some designs, 0 without."""
    return max((value for name, value in merit.items() if name in among), default=0.0)


def dense_over(data: Data, rival: str, measure: str, clock: str = OWN) -> dict[Any, float]:
    """Point -> merit of the best dense PEs over that of a sparse design."""
    found = merits(data, measure, clock)
    return {
        point: top(merit, dense_designs()) / merit[rival]
        for point, merit in found.items()
        if rival in merit
    }


def break_even(data: Data, measure: str) -> dict[Any, float]:
    """Point -> merit of the best sparse PEs over that of the best dense ones."""
    return {
        point: top(merit, sparse_designs()) / top(merit, dense_designs())
        for point, merit in merits(data, measure).items()
    }


def verdicts(data: Data) -> list[dict[str, Any]]:
    """For each sparse design and measure: how far dense PEs are ahead at most, on average, at
    least, and where; whether that reaches what is published.
    """
    made = []
    for measure, published in PUBLISHED.items():
        for rival in sparse_designs():
            ratios = dense_over(data, rival, measure)
            if not ratios:
                made.append({"measure": measure, "design": rival, "known": False})
                continue
            most, least = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
            piped = dense_over(data, rival, measure, PIPELINED)
            made.append(
                {
                    "measure": measure,
                    "design": rival,
                    "known": True,
                    "published": published,
                    "most": ratios[most],
                    "most_where": list(most),
                    "least": ratios[least],
                    "least_where": list(least),
                    "mean": geometric(list(ratios.values())),
                    "ahead": sum(one > 1 for one in ratios.values()) / len(ratios),
                    "most_pipelined": max(piped.values()),
                    "reached": ratios[most] >= published,
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
