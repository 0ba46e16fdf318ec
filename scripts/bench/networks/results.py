"""What records come to that several evaluations show: slots, energy, layers from RTL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.places import ROOT
from scripts.bench.networks import evaluation
from scripts.bench.networks.evaluation import Data, Record

#: Accounts of the slots.
ACCOUNTS = ("useful", "padding", "empty", "sync", "input")
Key = tuple[str, str, str]


def page_of(design: str) -> Path:
    """The figures of a design's page."""
    return ROOT / "docs" / f"{design}.json"


def committed(design: str, key: str) -> Any:
    """A study as the figures of a design's page have it, nothing if they have not."""
    try:
        return json.loads(page_of(design).read_text(encoding="utf-8"))["studies"][key]
    except (OSError, ValueError, KeyError):
        return []


def for_docs(data: Data) -> dict[str, Any]:
    """What a page shows: whole networks and all studies."""
    whole_ones = [one for one in data["summary"] if one["whole"]]
    return {"summary": whole_ones, "studies": dict(data["studies"]), "assumes": data["assumes"]}


def whole(records: Sequence[Record]) -> dict[Key, list[Record]]:
    """(network, variant, maps) -> records, of networks that ran as a whole."""
    if not records:
        return {}
    networks = evaluation.of_data({"runs": records}).networks
    found: dict[Key, list[Record]] = {}
    for one in records:
        found.setdefault((one["network"], one["variant"], one["maps"]), []).append(one)
    return {
        key: some
        for key, some in found.items()
        if {one["layer"] for one in some} == set(networks[key[0]])
    }


def total(records: Sequence[Record]) -> dict[str, float]:
    """Speed-up, and shares of the slots, of some layers together."""
    slots_ = sum(one["mac_slots"] for one in records)
    cycles = sum(one["cycles"] for one in records)
    shares = {name: sum(one["slots"][name] for one in records) / slots_ for name in ACCOUNTS}
    return shares | {"speedup": sum(one["baseline_cycles"] for one in records) / cycles}


def slots(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Shares of the accounts, of whole networks."""
    return [
        dict(zip(("network", "variant", "maps"), key, strict=True)) | total(some)
        for key, some in whole(records).items()
    ]


def causes(records: Iterable[Record]) -> dict[str, float]:
    """pJ of some layers by cause."""
    found: dict[str, float] = {}
    for one in records:
        for cause, value in one["energy_pj"].items():
            found[cause] = found.get(cause, 0) + value
    return found


def energy(records: Sequence[Record], baseline: str) -> list[dict[str, Any]]:
    """pJ by cause, of whole networks; ``chip`` without the streams, ``all`` with them; both of
    the variant ``baseline`` over those of the variant.
    """
    made: list[dict[str, Any]] = []
    networks = whole(records)
    for (network, variant, maps), some in networks.items():
        base = networks.get((network, baseline, maps))
        if base is None:
            continue
        own, other = causes(some), causes(base)
        one: dict[str, Any] = {"network": network, "variant": variant, "maps": maps}
        one["energy_pj"] = {name: round(value) for name, value in own.items()}
        for name, left_out in (("chip", ("dram",)), ("all", ())):
            mine, theirs = (
                sum(value for cause, value in parts.items() if cause not in left_out)
                for parts in (own, other)
            )
            one |= {name: round(mine), f"{name}_ratio": theirs / mine}
        made.append(one)
    return made


def simulated(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Those from RTL: whether outputs and counters are right, and how fast they ran.

    maps_of: of how many output maps, where a record is of a part of its layer.
    """
    return [
        {
            "layer": f"{one['network']}-{one['layer']}",
            "variant": one["variant"],
            "maps_of": one["shape"][0] if one.get("crop") else None,
            "bit_exact": one["bit_exact"],
            "equal": not one["counter_errors"],
            "compared": one["compared"],
            "cycles": one["cycles"],
            "speedup": one["speedup"],
            "rate": one.get("sim_cycles_per_second", 0.0),
        }
        for one in records
        if one["source"] == "rtl"
    ]
