"""What the records of FlexFlow-Pro's studies come to: numbers for tables, pictures, the text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from models.places import ROOT
from models.workloads.flexflow_pro import NETWORKS
from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.flexflow_pro import silicon, studies, tiny
from scripts.bench.networks.flexflow_pro.cases import Case
from scripts.train import thresholds

DOCS = ROOT / "docs" / "flexflow_pro.json"
#: Accounts of the slots.
ACCOUNTS = ("useful", "padding", "empty", "sync", "input")
Found = Mapping[Any, Any]


def total(records: Sequence[Record]) -> dict[str, float]:
    """Speed-up, and shares of the slots, of some layers together."""
    slots = sum(one["mac_slots"] for one in records)
    cycles = sum(one["cycles"] for one in records)
    shares = {name: sum(one["slots"][name] for one in records) / slots for name in ACCOUNTS}
    return shares | {"speedup": sum(one["baseline_cycles"] for one in records) / cycles}


def totals(records: Sequence[Record]) -> dict[str, Any]:
    """bound: speed-up if every pair took a slot and no slot were without."""
    useful = sum(one["mac_useful"] for one in records)
    cycles = sum(one["cycles"] for one in records)
    slots = sum(one["mac_slots"] for one in records)
    base = sum(one["baseline_cycles"] for one in records)
    return {"bound": round(base * slots / cycles / useful, 4)}


def _whole(records: Sequence[Record]) -> dict[tuple[str, str, str], list[Record]]:
    """(network, variant, maps) -> records, of networks that ran as a whole."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for one in records:
        found.setdefault((one["network"], one["variant"], one["maps"]), []).append(one)
    return {
        key: some
        for key, some in found.items()
        if {one["layer"] for one in some} == set(NETWORKS[key[0]])
    }


def slots(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Shares of the accounts, of whole networks."""
    return [
        dict(zip(("network", "variant", "maps"), key, strict=True)) | total(some)
        for key, some in _whole(records).items()
    ]


def energy(records: Sequence[Record]) -> list[dict[str, Any]]:
    """pJ by cause, of whole networks; ``chip`` without the streams, ``all`` with them; both of
    lock step over those of the variant.
    """
    made: list[dict[str, Any]] = []
    whole = _whole(records)
    for (network, variant, maps), some in whole.items():
        base = whole.get((network, "lock_step", maps))
        if base is None:
            continue
        own, other = _causes(some), _causes(base)
        one: dict[str, Any] = {"network": network, "variant": variant, "maps": maps}
        one["energy_pj"] = {name: round(value) for name, value in own.items()}
        for name, left_out in (("chip", ("dram",)), ("all", ())):
            mine, theirs = (
                sum(value for cause, value in causes.items() if cause not in left_out)
                for causes in (own, other)
            )
            one |= {name: round(mine), f"{name}_ratio": theirs / mine}
        made.append(one)
    return made


def _causes(records: Iterable[Record]) -> dict[str, float]:
    causes: dict[str, float] = {}
    for one in records:
        for cause, value in one["energy_pj"].items():
            causes[cause] = causes.get(cause, 0) + value
    return causes


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


def density(found: Found) -> list[dict[str, Any]]:
    """Speed-up over lock step, and cycles, at each density."""
    return [
        {"density": at, "cycles": found[case]["cycles"], **total([found[case]])}
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


def simulated(found: Found, source: str, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Layers from RTL: whether outputs and counters are right, and how fast they ran."""
    crops = [found[one] for one in studies.crop_cases(source).values() if one in found]
    return [
        {
            "layer": f"{one['network']}-{one['layer']}",
            "variant": one["variant"],
            "maps_of": one["shape"][0] if one["crop"] else None,
            "bit_exact": one["bit_exact"],
            "equal": not one["counter_errors"],
            "compared": one["compared"],
            "cycles": one["cycles"],
            "speedup": one["speedup"],
            "rate": one.get("sim_cycles_per_second", 0.0),
        }
        for one in (*records, *crops)
        if one["source"] == "rtl"
    ]


def of_studies(found: Found, source: str, records: Sequence[Record]) -> dict[str, Any]:
    """All of it; a study of which a case did not run is empty."""
    made: dict[str, Any] = {
        "slots": slots(records),
        "energy": energy(records),
        "simulated": simulated(found, source, records),
    }
    for name, make in (("fifo", fifo), ("builds", builds), ("density", density)):
        try:
            made[name] = make(found)
        except KeyError:
            made[name] = []
    if made["density"]:
        more = silicon.per_gate(made["density"])
        made["density"] = [one | two for one, two in zip(made["density"], more, strict=True)]
    return made


def committed(key: str) -> Any:
    """A study as docs/flexflow_pro.json has it, nothing if it has not."""
    try:
        return json.loads(DOCS.read_text(encoding="utf-8"))["studies"][key]
    except (OSError, ValueError, KeyError):
        return []


def of_claims() -> dict[str, Any]:
    """Thresholds, their accuracy and cycles; gates are those of docs/area.json."""
    return {
        "silicon": silicon.points(),
        "thresholds": thresholds.read()["points"],
        "tiny": tiny.points(),
    }


def for_docs(data: Data) -> dict[str, Any]:
    """What docs/flexflow_pro.md shows: whole networks and all studies."""
    whole = [one for one in data["summary"] if one["whole"]]
    return {"summary": whole, "studies": dict(data["studies"]), "assumes": data["assumes"]}


__all__ = ["Case", "committed", "for_docs", "of_claims", "of_studies", "totals"]
