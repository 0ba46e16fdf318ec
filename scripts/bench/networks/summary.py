"""From records of layers to speed-ups of networks, and what is wrong with any of them.

The speed-up of a network is the total of the baseline's cycles over the total of the design's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

from scripts.bench.networks import evaluation

Record = Mapping[str, Any]


class RecordError(ValueError):
    """A record that cannot be true or does not have the promised form."""


#: key -> type; every record has them, and those of ``Evaluation.schema``
SCHEMA: dict[str, type] = {
    "design": str, "workload": str, "network": str, "layer": str, "variant": str, "maps": str,
    "seed": int, "source": str, "bit_exact": bool, "compared": int, "cycles": int,
    "cycles_model": int, "baseline": str, "baseline_cycles": int, "speedup": float,
    "paper": float, "mac_useful": int, "mac_slots": int, "slots": dict, "counter_errors": list,
    "granularity": str, "config": dict, "shape": list, "weight_density": float,
    "activation_density": float, "changes": dict, "counters": dict, "passes": int,
    "different": int, "first_difference": str, "seconds": float,
}  # fmt: skip
#: What may also be None.
OPEN = ("paper",)


def check(record: Record) -> None:
    """Raise RecordError when a key is missing or of a wrong type, or what it says cannot be."""
    name = f"record of {record.get('workload')} {record.get('variant')} {record.get('maps')}"
    more = evaluation.of(record["design"]).schema if record.get("design") else {}
    for key, kind in (SCHEMA | {key: kind for key, (kind, _) in more.items()}).items():
        if key not in record:
            raise RecordError(f"{name}: key {key!r} is missing")
        if record[key] is None and key in OPEN:
            continue
        if type(record[key]) is not kind:
            raise RecordError(f"{name}: {key} is {record[key]!r}, need {kind.__name__}")
    if record["source"] not in ("rtl", "model"):
        raise RecordError(f"{name}: source is {record['source']!r}, allowed rtl, model")
    if record["bit_exact"] and not record["compared"]:
        raise RecordError(f"{name}: bit exact, but nothing was compared")
    if record["cycles"] <= 0 or record["mac_useful"] > record["mac_slots"]:
        raise RecordError(
            f"{name}: {record['mac_useful']} useful multiplies in {record['mac_slots']} slots of "
            f"{record['cycles']} cycles"
        )
    if sum(record["slots"].values()) != record["mac_slots"] and not record["counter_errors"]:
        raise RecordError(f"{name}: slots {record['slots']} are not {record['mac_slots']}")
    ratio = record["baseline_cycles"] / record["cycles"]
    if abs(record["speedup"] - ratio) > 1e-5 * ratio:
        raise RecordError(f"{name}: speedup is {record['speedup']}, its cycles say {ratio:.6f}")


def summaries(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One for each network, variant and kind of maps, whole layers only.

    whole     all layers of the network are there
    speedup   over the baseline; rtl: layers from RTL
    """
    if not records:
        return []
    mine_is = evaluation.of_data({"runs": records})
    made = []
    for network, variant, maps in dict.fromkeys(
        (one["network"], one["variant"], one["maps"]) for one in records
    ):
        key = network, variant, maps
        mine = [one for one in records if (one["network"], one["variant"], one["maps"]) == key]
        total = sum(one["cycles"] for one in mine)
        made.append(
            {
                "design": mine_is.design,
                "network": network,
                "variant": variant,
                "maps": maps,
                "speedup": round(sum(one["baseline_cycles"] for one in mine) / total, 4),
                "paper": mine[0]["paper"],
                "goal": mine_is.goal(network, variant, maps),
                "cycles": total,
                "utilisation": round(
                    sum(one["mac_useful"] for one in mine) / sum(one["mac_slots"] for one in mine),
                    4,
                ),
                "layers": len(mine),
                "rtl": sum(one["source"] == "rtl" for one in mine),
                "whole": {one["layer"] for one in mine} == set(mine_is.networks[network]),
                **mine_is.totals(mine),
            }
        )
    return made


def means(summary: Sequence[Record]) -> list[dict[str, Any]]:
    """Mean of the networks' speed-ups by variant and maps, where all networks ran as a whole and
    the evaluation shows means.
    """
    if not summary:
        return []
    mine_is = evaluation.of_data({"summary": summary})
    made = []
    for variant, maps in dict.fromkeys((one["variant"], one["maps"]) for one in summary):
        mine = [one for one in summary if (one["variant"], one["maps"]) == (variant, maps)]
        goal = mine_is.mean_goal(variant, maps)
        wanted = goal is not None or mine_is.published is not None
        if wanted and {one["network"] for one in mine if one["whole"]} == set(mine_is.networks):
            found = {"variant": variant, "maps": maps, "goal": goal, "paper": mine_is.published}
            made.append(found | {"speedup": round(mean(one["speedup"] for one in mine), 4)})
    return made


def problems(records: Sequence[Record], summary: Sequence[Record]) -> Iterator[str]:
    """Every output that differs, counter that is not the model's, goal that is missed: a line."""
    for one in records:
        name = f"{one['network']} {one['layer']} {one['variant']} {one['maps']}"
        if one["granularity"]:
            name += f" {one['granularity']}"
        if not one["bit_exact"]:
            yield (
                f"{name}: {one['different']} of {one['compared']} outputs differ, first "
                f"{one['first_difference']}"
            )
        for text in one["counter_errors"]:
            yield f"{name}: counter {text}"
    for one in summary:
        if one["whole"] and one["goal"] and one["speedup"] < one["goal"]:
            called = evaluation.of(one["design"]).variants[one["variant"]]
            yield (
                f"{one['network']} {called}: speed-up {one['speedup']:.3f}, "
                f"goal at least {one['goal']:.2f}"
            )
    for one in means(summary):
        if one["goal"] and one["speedup"] < one["goal"]:
            called = evaluation.of_data({"summary": summary}).variants[one["variant"]]
            yield (
                f"mean of the networks, {called}: speed-up {one['speedup']:.3f}, "
                f"goal at least {one['goal']:.2f}"
            )
