"""What the records of Cambricon-SE's studies come to: numbers for tables, pictures, the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from models.workloads.cambricon_se import DESIGN, PUBLISHED_S, SCALING, frame_lines
from scripts.bench.networks import results
from scripts.bench.networks.cambricon_se import silicon, studies
from scripts.bench.networks.cambricon_se.cases import ROWS
from scripts.bench.networks.evaluation import Data, Record

Found = Mapping[Any, Any]
#: Streams of a layer: weights, activations in and out.
STREAMS = ("wgt", "act", "out")
CLOCK = 1e9


def totals(records: Sequence[Record]) -> dict[str, Any]:
    """dense_speedup: over a dense array that loses no slot, of as many multipliers; streamed: words
    on the streams over compute cycles.
    """
    cycles = sum(one["cycles"] for one in records)
    multipliers = records[0]["mac_slots"] // records[0]["cycles"]
    dense = sum(one["macs"] for one in records) / multipliers
    return {
        "dense_speedup": round(dense / cycles, 4),
        "streamed": round(sum(words(one) for one in records) / cycles, 4),
    }


def words(record: Record) -> int:
    """Words on all streams."""
    return sum(record["loaded_words"].values())


def builds(found: Found) -> list[dict[str, Any]]:
    """Cycles by network's part, study, build and selector."""
    cases = studies.build_cases()
    return [
        {
            "study": study,
            "build": label,
            "variant": variant,
            "cycles": {
                network: sum(
                    found[cases[study, label, variant, f"{network}-{row}"]]["cycles"]
                    for row in rows
                )
                for network, rows in studies.PARTS.items()
            },
        }
        for study, some in studies.BUILDS.items()
        for label in some
        for variant in studies.SELECTORS
    ]


def cores(found: Found) -> list[dict[str, Any]]:
    """Speed-up over one core by network and cores, the slots that wait at the barrier, and the goal
    where there is one; speedup: over X-like with as many cores.
    """
    cases = studies.core_cases()
    made = []
    for network in studies.SCALED:
        single = 0
        for number in studies.CORES:
            some = [found[cases[network, number, row]] for row in ROWS[network]]
            cycles = sum(one["cycles"] for one in some)
            single = single or cycles
            both = cycles + sum(words(one) for one in some)
            made.append(
                {
                    "network": network,
                    "cores": number,
                    "cycles": cycles,
                    "scaling": single / cycles,
                    "goal": SCALING.get(number) if network == "vgg16" else None,
                    "with_streams": both,
                    **results.total(some),
                }
            )
    return made


def missed(found: Sequence[Record]) -> list[str]:
    """Where cores do not scale as they have to."""
    return [
        f"{one['network']}, {one['cores']} cores: {one['scaling']:.3f} times one, goal at least "
        f"{one['goal']:.2f}"
        for one in found
        if one["goal"] and one["scaling"] < one["goal"]
    ]


def traffic(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Bits by layer, and of whole networks (layer "all")."""
    asked = [one for one in records if one["traffic"]]
    made = []
    for network in dict.fromkeys(one["network"] for one in asked):
        some = [one for one in asked if one["network"] == network]
        parts = [(one["layer"], [one]) for one in some]
        if {one["layer"] for one in some} == set(ROWS[network]):
            parts.append(("all", some))
        for label, layers in parts:
            bits = {key: sum(one["traffic"][key] for one in layers) for key in layers[0]["traffic"]}
            made.append(
                {
                    "network": network,
                    "layer": label,
                    "cycles": sum(one["cycles"] for one in layers),
                    "density": layers[0]["activation_density"] if len(layers) == 1 else None,
                    "bits": bits,
                }
            )
    return made


def at_ratio(points: Sequence[tuple[float, float]], ratio: float) -> float | None:
    """Share of live neurons at which the speed-up is ``ratio``, between two points; None if it
    never is.

    >>> at_ratio([(0.6, 1.5), (0.5, 1.7), (0.4, 2.0)], 1.6)
    0.55
    """
    for (one, low), (other, high) in pairwise(points):
        if low <= ratio <= high:
            return round(one + (ratio - low) / (high - low) * (other - one), 4)
    return None


def density(found: Found) -> dict[str, Any]:
    """Speed-up by share of live neurons, the share at which it is that of Cambricon-S, and the
    speed-up at the shares that it prints, both readings.
    """
    cases, readings = studies.density_cases(), studies.reading_cases()
    points = {
        layer: [(at, found[cases[at, layer]]["speedup"]) for at in studies.DENSITIES]
        for layer in studies.DENSITY_LAYERS
    }
    printed = []
    for network, share in studies.PRINTED.items():
        for name, reading in studies.READINGS.items():
            some = [found[readings[network, name, row]] for row in studies.PARTS[network]]
            printed.append(
                {
                    "network": network,
                    "printed": share,
                    "reading": name,
                    "live": round(reading(share), 4),
                    "speedup": results.total(some)["speedup"],
                }
            )
    return {
        "points": points,
        "needed": {layer: at_ratio(some, PUBLISHED_S) for layer, some in points.items()},
        "printed": printed,
    }


def frames(found: Found) -> list[dict[str, Any]]:
    """Frames a second by the ways to run them: what a part of the lines takes, times as many."""
    cases = studies.frame_cases()
    made = []
    for label in studies.FRAMES:
        layers = []
        for row in ROWS["vgg16"]:
            one = found[cases[label, row]]
            part, whole = frame_lines(f"vgg16-{row}")
            bits = one["traffic"]
            streamed = {
                "plain": sum(bits[key] for key in STREAMS) / 64,
                "packed": (bits["wgt"] + bits["act_packed"] + bits["out_packed"]) / 64,
            }
            layers.append(
                {
                    "layer": row,
                    "cycles": one["cycles"] * whole / part,
                    **{key: value * whole / part for key, value in streamed.items()},
                }
            )
        sums = {key: sum(one[key] for one in layers) for key in ("cycles", "plain", "packed")}
        made.append(
            {
                "how": label,
                **{key: round(value) for key, value in sums.items()},
                "fps": CLOCK / sums["cycles"],
                "fps_plain": CLOCK / (sums["cycles"] + sums["plain"]),
                "fps_packed": CLOCK / (sums["cycles"] + sums["packed"]),
            }
        )
    return made


def of_studies(found: Found, source: str, records: Sequence[Record]) -> dict[str, Any]:
    """All of it; a study of which a case did not run is empty."""
    packed = [found[one] for one in [studies.packed_case(source)] if one in found]
    made: dict[str, Any] = {
        "slots": results.slots(records),
        "energy": results.energy(records, "x_like"),
        "traffic": traffic(records),
        "simulated": results.simulated([*records, *packed]),
    }
    for name, make in (("builds", builds), ("cores", cores), ("density", density),
                       ("frames", frames)):  # fmt: skip
        try:
            made[name] = make(found)
        except KeyError:
            made[name] = []
    return made


def of_claims() -> dict[str, Any]:
    """Gates of a core by part, those of docs/cambricon_se.json."""
    return {"silicon": results.committed(DESIGN, "silicon")}


def for_docs(data: Data) -> dict[str, Any]:
    """What docs/cambricon_se.md shows: whole networks, all studies; gates are synthesised now."""
    made = results.for_docs(data)
    return made | {"studies": made["studies"] | {"silicon": silicon.points()}}
