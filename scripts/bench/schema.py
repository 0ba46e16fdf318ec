"""The form of ``bench.json`` as JSON Schema: ``docs/bench.schema.json``.

``python -m scripts.bench.schema`` writes it again. There are two kinds: of the layers of a paper
(``$defs/layers``), whose records are those of ``results.json`` and more, and of whole networks
(``$defs/networks``). Types of records are those that a record is checked with.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from models.places import ROOT
from scripts.bench.networks import evaluation
from scripts.bench.networks.evaluation import Evaluation
from scripts.bench.networks.summary import OPEN, SCHEMA
from scripts.measure import schema as results
from scripts.measure.records import BENCH_SCHEMA, VERSION
from scripts.measure.schema import DIALECT, Kind, fields, rows, text

PATH = ROOT / "docs" / "bench.schema.json"
#: Key -> what it is, with its unit; what ``results.json`` has, too, is explained there.
MEANINGS = results.MEANINGS | {
    "variant": "way to run the build",
    "seed": "of the workload",
    "baseline": "what it is compared with",
    "baseline_cycles": "cycles of the baseline",
    "ratio": "cycles_compute over baseline_cycles",
    "paper_ratio": "the same as published",
    "paper_theoretical_us": "time of the baseline as published, microseconds",
    "paper_actual_us": "time as published, microseconds",
    "wall_seconds": "wall time of all of the run, seconds",
    "first_difference": "first output that is not golden, empty if all are",
}
#: What a record of the layers of a paper may have beside what each must.
_MORE: dict[str, Kind] = {
    "paper_theoretical_us": results.NUMBER,
    "paper_actual_us": results.NUMBER,
    "wall_seconds": results.NUMBER,
    "first_difference": str,
}
#: Of whole networks.
NETWORK_MEANINGS = MEANINGS | {
    "workload": "<design>/<network>-<layer>",
    "network": "name of the network",
    "maps": "kind of the activations' maps (iid, clustered, correlated ...)",
    "source": "rtl, or model: the cycle model, which equals the RTL",
    "cycles": "cycles computing, sum over passes",
    "cycles_model": "the same by the cycle model",
    "speedup": "baseline_cycles over cycles",
    "paper": "speed-up of the network as published, null if it is not",
    "slots": "multiplier slots by account",
    "granularity": "how the weights were pruned, empty if as the workload says",
    "changes": "fields of the build that are not as by default",
    "counters": "counters of the design, sum over passes",
    "seconds": "time that the model (CPU) or the simulation (wall) took, seconds",
    "goal": "least speed-up that counts as met, null if there is none",
    "utilisation": "useful multiplies over slots, 0..1",
    "layers": "layers that the line is the total of",
    "rtl": "how many of them are from RTL",
    "whole": "whether all layers of the network are there",
}
#: What only records from RTL have.
_SIMULATED: dict[str, Kind] = {"simulator": str, "sim_cycles_per_second": float}
_SUMMARY: dict[str, Kind] = {
    "design": str,
    "network": str,
    "variant": str,
    "maps": str,
    "speedup": float,
    "paper": results.OPEN_NUMBER,
    "goal": results.OPEN_NUMBER,
    "cycles": int,
    "utilisation": float,
    "layers": int,
    "rtl": int,
    "whole": bool,
}


def _of(
    mine: Evaluation,
    needed: Mapping[str, Kind],
    own: Mapping[str, tuple[Kind, str]],
    more: Mapping[str, Kind],
) -> dict[str, Any]:
    """Records or summaries of a design: what all have, and its own."""
    kinds = {**needed, **{key: kind for key, (kind, _) in own.items()}}
    made = fields(kinds, more, NETWORK_MEANINGS | {key: about for key, (_, about) in own.items()})
    made["properties"]["design"] = {"const": mine.design}
    return made


def _any(names: list[str]) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in names]}


def _whole(runs: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A file of records of a form."""
    properties = {
        "version": {"const": VERSION, "description": "of this form"},
        "runs": runs,
        **more,
        "assumes": {"type": "string", "description": "what the figures assume"},
        "jobs": {"type": "integer", "minimum": 1, "description": "runs at a time"},
        "seconds": {"type": "number", "description": "wall time of all, seconds"},
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """The JSON Schema of a ``bench.json``."""
    designs = [evaluation.of(name) for name in evaluation.names()]
    needed: dict[str, Kind] = {
        key: results.OPEN_NUMBER if key in OPEN else kind for key, kind in SCHEMA.items()
    }
    cases = {f"{one.design}-run": _of(one, needed, one.schema, _SIMULATED) for one in designs}
    totals = {f"{one.design}-summary": _of(one, _SUMMARY, one.totalled, {}) for one in designs}
    studies = {"type": "object", "description": "results of the studies by name, see the page"}
    summary = {"type": "array", "items": _any(list(totals))}
    return {
        "$schema": DIALECT,
        "title": "bench.json of Lacuna",
        **_any(["layers", "networks"]),
        "$defs": {
            "layers": _whole(rows({"$ref": "#/$defs/layer"}), {}),
            "networks": _whole(rows(_any(list(cases))), {"summary": summary, "studies": studies}),
            "layer": fields(BENCH_SCHEMA, results.MORE | _MORE, MEANINGS),
            **cases,
            **totals,
        },
    }


def main() -> int:
    """Write the file; returns the exit status."""
    PATH.write_text(text(schema()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
