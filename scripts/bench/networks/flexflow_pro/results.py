"""What the records of FlexFlow-Pro's studies come to: numbers for tables, pictures, the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from models.workloads.flexflow_pro import NETWORKS
from scripts.bench.networks import results
from scripts.bench.networks.evaluation import Record
from scripts.bench.networks.flexflow_pro import silicon, studies, tiny
from scripts.bench.networks.flexflow_pro.cases import Case
from scripts.train import thresholds

Found = Mapping[Any, Any]


def totals(records: Sequence[Record]) -> dict[str, Any]:
    """bound: speed-up if every pair took a slot and no slot were without."""
    useful = sum(one["mac_useful"] for one in records)
    cycles = sum(one["cycles"] for one in records)
    slots = sum(one["mac_slots"] for one in records)
    base = sum(one["baseline_cycles"] for one in records)
    return {"bound": round(base * slots / cycles / useful, 4)}


def fifo(found: Found) -> list[dict[str, Any]]:
    """Speed-up by layer and of all layers together, by variant and depth."""
    cases = studies.fifo_cases()
    return [
        {"variant": variant, "depth": depth}
        | _by_layer(lambda layer, key=(variant, depth): found[cases[(*key, layer)]])
        for variant in ("plain", "tuned")
        for depth in studies.FIFOS
    ]


def builds(found: Found) -> list[dict[str, Any]]:
    """The same by study and build."""
    cases = studies.build_cases()
    return [
        {"study": study, "build": label}
        | _by_layer(lambda layer, key=(study, label): found[cases[(*key, layer)]])
        for study, some in studies.BUILDS.items()
        for label in some
    ]


def _by_layer(record_of: Any) -> dict[str, Any]:
    """Against lock step on the build as it is by default, so that builds can be compared."""
    some = {layer: record_of(layer) for layer in studies.LAYERS}
    return {
        "cycles": {layer: one["cycles"] for layer, one in some.items()},
        "all": sum(one["cycles"] for one in some.values()),
    }


def loading(found: Found) -> list[dict[str, Any]]:
    """Cycles of computing, words of the streams, both, and pJ with streams, by network."""
    made = []
    for key, some in _by_network(studies.loading_cases(), found):
        words = sum(sum(one["loaded_words"].values()) for one in some)
        cycles = sum(one["cycles"] for one in some)
        one = dict(zip(("network", "variant", "objective"), key, strict=True))
        one |= {"cycles": cycles, "words": words, "total": cycles + words}
        made.append(one | {"energy_pj": round(sum(results.causes(some).values()))})
    return made


def calibration(found: Found) -> list[dict[str, Any]]:
    """Speed-up by network, and whether the compiler saw the maps that ran."""
    return [
        dict(zip(("network", "maps", "oracle"), key, strict=True))
        | {"speedup": results.total(some)["speedup"], "cycles": sum(one["cycles"] for one in some)}
        for key, some in _by_network(studies.calibration_cases(), found)
    ]


def _by_network(
    cases: Mapping[tuple[Any, ...], Case], found: Found
) -> list[tuple[tuple[Any, ...], list[Record]]]:
    """Records of cases by (network, *key), where the last part of a case's key is the layer."""
    made: dict[tuple[Any, ...], list[Record]] = {}
    for (*key, _), case in cases.items():
        made.setdefault((case.network, *key), []).append(found[case])
    order = list(NETWORKS)
    return sorted(made.items(), key=lambda item: order.index(item[0][0]))


def density(found: Found) -> list[dict[str, Any]]:
    """Speed-up over lock step, and cycles, at each density."""
    return [
        {"density": at, "cycles": found[case]["cycles"], **results.total([found[case]])}
        for at, case in studies.density_cases().items()
    ]


def pays(points: Sequence[Record]) -> float | None:
    """Density up to which it is as fast per gate as the dense array, between two points; None if
    none is, or gates are not known.

    >>> pays([{"density": 0.6, "per_gate": 0.8}, {"density": 0.5, "per_gate": 1.2}])
    0.55
    """
    for one, other in pairwise(points):
        low, high = one["per_gate"], other["per_gate"]
        if low is not None and low < 1 <= high:
            share = (1 - low) / (high - low)
            return round(one["density"] + share * (other["density"] - one["density"]), 4)
    return None


def of_studies(found: Found, source: str, records: Sequence[Record]) -> dict[str, Any]:
    """All of it; a study of which a case did not run is empty."""
    made: dict[str, Any] = {
        "slots": results.slots(records),
        "energy": results.energy(records, "lock_step"),
        "simulated": results.simulated(records),
    }
    for name, make in {
        "fifo": fifo,
        "builds": builds,
        "density": density,
        "loading": loading,
        "calibration": calibration,
    }.items():
        try:
            made[name] = make(found)
        except KeyError:
            made[name] = []
    if made["density"]:
        more = silicon.per_gate(made["density"])
        made["density"] = [one | two for one, two in zip(made["density"], more, strict=True)]
    return made


def of_claims() -> dict[str, Any]:
    """Thresholds, their accuracy and cycles; gates are those of docs/area.json."""
    return {
        "silicon": silicon.points(),
        "thresholds": thresholds.read()["points"],
        "tiny": tiny.points(),
    }
