"""What the records of the studies come to: numbers for tables, pictures and the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from models.workloads.scnn import NETWORKS as ALL
from scripts.bench.networks.scnn import studies
from scripts.bench.networks.scnn.cases import Case

Record = dict[str, Any]
Found = Mapping[Case, Record]


def _total(records: Sequence[Record]) -> dict[str, float]:
    """Speed-up and shares of the multipliers' slots of some layers together."""
    cycles = sum(one["cycles"] for one in records)
    slots = sum(one["mac_slots"] for one in records)
    shares = {
        name: sum(one["slots"][name] for one in records) / slots
        for name in ("empty", "bank", "sync", "input")
    }
    return shares | {
        "speedup": sum(one["baseline_cycles"] for one in records) / cycles,
        "utilisation": sum(one["mac_useful"] for one in records) / slots,
        "cycles": cycles,
    }


def crossbar(found: Found) -> list[Record]:
    """Cycles over those of the widest crossbar, by crossbar and layer."""
    cases = studies.crossbar_cases()
    widest = next(iter(studies.CROSSBARS))
    made = []
    for label in studies.CROSSBARS:
        slow = {
            layer: found[cases[label, layer]]["cycles"] / found[cases[widest, layer]]["cycles"]
            for layer in studies.CROSSBAR_LAYERS
        }
        made.append({"crossbar": label, "slower": slow})
    return made


def density(found: Found) -> list[Record]:
    """Speed-up over the baseline at each density of weights and activations."""
    cases = studies.density_cases()
    made = []
    for at, paper in studies.DENSITIES.items():
        some = [found[case] for (value, _), case in cases.items() if value == at]
        made.append({"density": at, "paper": paper, **_total(some)})
    return made


def crossover(points: Sequence[Record]) -> float | None:
    """Density at which the speed-up is 1, between two points; None if it never is.

    >>> crossover([{"density": 1.0, "speedup": 0.8}, {"density": 0.6, "speedup": 1.2}])
    0.8
    """
    for one, other in pairwise(points):
        low, high = one["speedup"], other["speedup"]
        if low < 1 <= high:
            share = (1 - low) / (high - low)
            return float(one["density"] + share * (other["density"] - one["density"]))
    return None


def large_pes(found: Found) -> list[Record]:
    """GoogLeNet on 64 small and on 4 large PEs."""
    cases = studies.pe_cases()
    return [
        {
            "build": label,
            "kc": kc,
            "paper": studies.PE_PAPER[label],
            **_total([found[case] for key, case in cases.items() if key[:2] == (label, kc)]),
        }
        for kc in studies.GROUPS
        for label in ("64x16", "4x256")
    ]


def late(records: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Use of the multipliers of GoogLeNet's last 1 x 1 layers, by variant."""
    made = []
    for one in records:
        if one["network"] != "googlenet" or one["maps"] != "iid" or one["shape"][2] != 1:
            continue
        if one["layer"].startswith(("5a", "5b")):
            made.append(
                {
                    "layer": one["layer"],
                    "variant": one["variant"],
                    "utilisation": one["mac_useful"] / one["mac_slots"],
                }
            )
    return made


#: Accounts of the multipliers' slots.
ACCOUNTS = ("useful", "padding", "empty", "bank", "sync", "input")
#: Label of a network that did not run as a whole.
SOME = "(some layers)"


def slots(records: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Shares of the accounts: of every network, and of VGG-16 layer by layer as published."""
    made = []
    for key in dict.fromkeys((one["network"], one["variant"], one["maps"]) for one in records):
        mine = [one for one in records if (one["network"], one["variant"], one["maps"]) == key]
        whole = {one["layer"] for one in mine} == set(ALL[key[0]])
        parts = [("" if whole else SOME, mine)]
        if key == ("vgg16", "plain", "iid"):
            parts += [(one["layer"], [one]) for one in mine]
        for label, some in parts:
            total = sum(one["mac_slots"] for one in some)
            shares = {name: sum(one["slots"][name] for one in some) / total for name in ACCOUNTS}
            ratio = sum(one["baseline_cycles"] for one in some) / sum(one["cycles"] for one in some)
            made.append(
                dict(zip(("network", "variant", "maps"), key, strict=True))
                | {"layer": label, "speedup": ratio, "slots": shares}
            )
    return made


def crops(found: Found) -> list[Record]:
    """Speed-ups of crops beside those of whole layers, all together at the end."""
    cases = studies.crop_cases()
    names = studies.modules()
    return [
        {
            "layer": label,
            **{
                key: _total([found[cases[name, whole]] for name in some])["speedup"]
                for key, whole in (("crop", False), ("whole", True))
            },
        }
        for label, some in (*((name, [name]) for name in names), ("all", names))
    ]


def sensitive(found: Found) -> list[Record]:
    """Networks as published on the machine of the prototype."""
    cases = studies.sensitive_cases()
    made = []
    for network in dict.fromkeys(case.layer.partition("-")[0] for case in cases):
        some = [found[case] for case in cases if case.layer.startswith(network)]
        made.append({"network": network, "paper": some[0]["paper"], **_total(some)})
    return made


def _share(record: Record) -> float:
    """Accumulator reads per product."""
    return float(record["memory"]["psum"]["reads"] / record["mac_useful"])


def merging(found: Found, source: str = "model") -> list[Record]:
    """References per product and bank conflicts with merging, beside those without."""
    cases, whole = studies.merging_cases(source), studies.merged_whole()
    made = []
    for layer in studies.MERGED_LAYERS:
        for grain in studies.GRAINS:
            off, on = (found[cases[layer, grain, flag]] for flag in (False, True))
            made.append(
                {
                    "layer": layer,
                    "granularity": grain,
                    "source": on["source"],
                    "equal": not off["counter_errors"] + on["counter_errors"],
                    "crop": [*on["shape"][:2], studies.MERGED_LAYERS[layer][1]],
                    "reads": on["memory"]["psum"]["reads"],
                    "products": on["mac_useful"],
                    "share": _share(on),
                    "whole": _share(found[whole[grain]]) if layer == studies.MERGED_WHOLE else None,
                    "bank_off": off["slots"]["bank"] / off["mac_slots"],
                    "bank_on": on["slots"]["bank"] / on["mac_slots"],
                    "cycles": on["cycles"] / off["cycles"],
                }
            )
    return made


def of_studies(found: Found, source: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All of it; a study of which a case did not run is empty."""
    made: dict[str, Any] = {"late": late(records), "slots": slots(records)}
    for name, make in (
        ("crossbar", crossbar),
        ("density", density),
        ("large_pes", large_pes),
        ("crops", crops),
        ("sensitive", sensitive),
        ("merging", partial(merging, source=source)),
    ):
        try:
            made[name] = make(found)
        except KeyError:
            made[name] = []
    made["crossover"] = crossover(made["density"])
    return made
