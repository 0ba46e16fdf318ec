"""What the studies of SPS come to: storage, periods, energy, silicon, accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.results import committed
from scripts.bench.networks.results import for_docs as whole_networks
from scripts.bench.networks.sps import energy, silicon
from scripts.formats import claims
from scripts.formats.claims import CHANNELS
from scripts.train import periodic

SEED = 1


def totals(records: Sequence[Record]) -> dict[str, Any]:
    """filled: slots with a weight over all; filled_whole: in layers that fit (None: none does)."""

    def filled(some: Sequence[Record]) -> float | None:
        slots = sum(one["mac_slots"] for one in some)
        return round(sum(one["operands"] for one in some) / slots, 4) if slots else None

    whole = [one for one in records if one["whole"]]
    return {
        "filled": filled(records),
        "filled_whole": filled(whole),
        "layers_whole": len(whole),
    }


def storage() -> dict[str, Any]:
    """Bits of values and of index by network and format."""
    return {
        "period": claims.STATED,
        "networks": {
            name: claims.sizes(SEED, shapes, claims.STATED) for name, shapes in CHANNELS.items()
        },
    }


def periods() -> list[dict[str, Any]]:
    """Ratios and speed-up by network and period, and the period of the paper's index ratio,
    which no array holds.
    """
    numbers = claims.period_claim(SEED, CHANNELS).numbers
    made: list[dict[str, Any]] = []
    for network in CHANNELS:
        for period in claims.PERIODS:
            name = f"{network} {period}"
            made.append(
                {
                    "network": network,
                    "period": period,
                    "total": numbers[f"{name} total ratio"],
                    "index": numbers[f"{name} index ratio"],
                    "speedup": numbers[f"{name} speed-up"] or None,
                }
            )
        fits = numbers[f"{network} period of the paper's index ratio"]
        last = {"period": round(fits, 1), "index": claims.PAPER_PATTERN_RATIO, "speedup": None}
        made.append({"network": network, "total": made[-1]["total"], **last})
    return made


def of_claims() -> dict[str, Any]:
    """All of it; gates are those of docs/sps.json."""
    return {
        "storage": storage(),
        "periods": periods(),
        "energy": energy.totals(energy.points()),
        "silicon": committed("sps", "silicon"),
        "accuracy": periodic.read()["points"],
    }


def for_docs(data: Data) -> dict[str, Any]:
    """What docs/sps.md shows: whole networks and all studies; gates are synthesised now."""
    made = whole_networks(data)
    return made | {"studies": made["studies"] | {"silicon": silicon.points()}}
