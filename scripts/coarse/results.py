"""What ``make train NET=coarse`` left, put together over the seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from models.coarse import Parts
from scripts.coarse.shapes import DENSE
from scripts.train.coarse import DENSE as BEFORE
from scripts.train.coarse import PLANS, SEEDS, WAYS

Record = dict[str, Any]
Data = Mapping[str, Any]


def mean(values: Iterable[float]) -> float:
    """Of at least one."""
    return float(np.mean(list(values)))


def spread(values: Sequence[float]) -> float:
    """Sample standard deviation; 0 of a single value.

    >>> spread([1.0]), spread([1.0, 3.0])
    (0.0, 1.4142135623730951)
    """
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def curve(data: Data, network: str, way: str) -> list[Record]:
    """Points of a way that every seed reached, the densest first."""
    found: dict[float, list[Record]] = {}
    for one in data["points"]:
        if (one["network"], one["way"]) == (network, way):
            found.setdefault(one["factor"], []).append(one)
    return [
        {
            "factor": factor,
            "density": mean(one["density"] for one in points),
            "accuracy": mean(one["accuracy"] for one in points),
            "spread": spread([one["accuracy"] for one in points]),
            "values": {one["seed"]: one["accuracy"] for one in points},
        }
        for factor, points in sorted(found.items(), reverse=True)
        if len(points) == len(SEEDS)
    ]


def dense(data: Data, network: str) -> Record:
    """The network before pruning."""
    return curve(data, network, BEFORE)[0]


def layer_parts(bits: Mapping[str, Any], huffman: bool) -> Parts:
    """Bits of a layer; with ``huffman`` only where that is shorter."""
    raw, coded = Parts(**bits["raw"]), Parts(**bits["huffman"])
    return coded if huffman and coded.total < raw.total else raw


def parts_of(record: Record, huffman: bool = True) -> Parts:
    """Bits of a network, of one seed."""
    return sum((layer_parts(one, huffman) for one in record["bits"].values()), Parts())


def stored(data: Data) -> list[Record]:
    """A record for each network and way that has a point of equal accuracy: means of the seeds."""
    made = []
    for network in PLANS:
        for way in WAYS:
            mine = [one for one in data["stored"] if (one["network"], one["way"]) == (network, way)]
            if not mine:
                continue
            weights = sum(one["weights"] for one in mine[0]["bits"].values())
            plain = mean(parts_of(one, huffman=False).total for one in mine)
            parts = {
                name: mean(getattr(parts_of(one), name) for one in mine)
                for name in ("index", "codes", "books", "tables")
            }
            total = sum(parts.values())
            made.append(
                {
                    "network": network,
                    "way": way,
                    "factor": mine[0]["factor"],
                    "weights": weights,
                    "density": mean(one["density"] for one in mine),
                    "dense": dense(data, network)["accuracy"],
                    "pruned": mean(one["accuracy"] for one in mine),
                    "quantized": mean(one["quantized"] for one in mine),
                    "spread": spread([one["quantized"] for one in mine]),
                    **parts,
                    "plain_ratio": DENSE * weights / plain,
                    "ratio": DENSE * weights / total,
                }
            )
    return made


def code_lengths(data: Data) -> dict[int, float]:
    """Bits of a code in kept blocks -> those of its Huffman code on average, its table left out.

    Of blocks by their average, all networks and seeds together; layers of convolutions have codes
    of 8 bits.
    """
    coded: dict[int, float] = {}
    kept: dict[int, float] = {}
    for one in data["stored"]:
        if one["way"] != "average":
            continue
        for name, parts in one["bits"].items():
            width = parts["raw"]["codes"] // one["kept"][name]
            coded[width] = coded.get(width, 0.0) + parts["huffman"]["codes"]
            kept[width] = kept.get(width, 0.0) + one["kept"][name]
    return {width: coded[width] / kept[width] for width in sorted(coded)}


def criteria(data: Data) -> list[Record]:
    """Average against maximum criterion: the difference of accuracy, seed by seed."""
    made = []
    for network in PLANS:
        other = {one["factor"]: one for one in curve(data, network, "maximum")}
        for one in curve(data, network, "average"):
            if (two := other.get(one["factor"])) is None:
                continue
            gaps = [one["values"][seed] - two["values"][seed] for seed in SEEDS]
            made.append(
                {
                    "network": network,
                    "average": one,
                    "maximum": two,
                    "gap": mean(gaps),
                    "spread": spread(gaps),
                }
            )
    return made


def gathering(data: Data) -> list[Record]:
    """Layer by layer: how far its largest weights gather, trained, by chance and untrained."""
    made: dict[tuple[str, str], Record] = {}
    for one in data["gathering"]:
        key = one["network"], one["layer"]
        record = made.setdefault(
            key, {"network": key[0], "layer": key[1], "block": one["block"], "seeds": {}}
        )
        record["seeds"].setdefault(one["seed"], {})[one["stage"]] = one
    for record in made.values():
        seeds = record["seeds"].values()
        trained = [stages[BEFORE] for stages in seeds]
        record["trained"] = mean(one["gathered"] for one in trained)
        record["untrained"] = mean(stages["untrained"]["gathered"] for stages in seeds)
        for null in ("shuffled", "rearranged"):
            record[null] = mean(one[null][0] for one in trained)
            record[f"{null}_most"] = max(one[null][2] for one in trained)
            record[f"above_{null}"] = sum(one["gathered"] > one[null][2] for one in trained)
    return list(made.values())


def regions(data: Data) -> list[Record]:
    """Error of 4-bit codes by side of a region, means of the seeds."""
    found: dict[tuple[str, int], list[Record]] = {}
    for one in data["regions"]:
        found.setdefault((one["network"], one["side"]), []).append(one)
    return [
        {
            "network": network,
            "side": side,
            "layer": some[0]["layer"],
            "regions": some[0]["regions"],
            **{name: mean(one[name] for one in some) for name in ("error", "shuffled", "books")},
        }
        for (network, side), some in found.items()
    ]
