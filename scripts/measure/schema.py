"""The form of ``results.json`` as JSON Schema: ``docs/results.schema.json``.

``python -m scripts.measure.schema`` writes it again. The types of what every record has are those
that a record is checked with (``scripts/measure/records.py``), so neither drifts from the other.
What is not described is not allowed. ``scripts/bench/schema.py`` does the same for ``bench.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from models.places import ROOT
from scripts.measure.records import SCHEMA, VERSION

PATH = ROOT / "docs" / "results.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: A type of Python, or several of which a value has one.
Kind = type | tuple[type, ...]
NUMBER: Kind = (int, float)
OPEN_NUMBER: Kind = (float, type(None))
_TYPES: dict[Any, str | list[str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
    NUMBER: "number",
    OPEN_NUMBER: ["number", "null"],
}
#: Key -> what it is, with its unit.
MEANINGS = {
    "design": "name of the design (models/registry.py)",
    "config": "fields of the build",
    "workload": "network, file or named workload",
    "layer": "name of the layer",
    "shape": "weights: [outputs K, inputs of a group C/G, rows R, columns S]",
    "weight_density": "share of weights that are not zero, 0..1",
    "activation_density": "share of activations that are not zero, 0..1",
    "bit_exact": "whether outputs were compared and all are golden",
    "compared": "outputs compared",
    "cycles_compute": "cycles computing, sum over passes",
    "cycles_model": "the same by the cycle model",
    "mac_useful": "multiplies of two operands that are not zero",
    "mac_slots": "multipliers times cycles computing",
    "stalls": "slots or cycles lost by cause (counters stall_*)",
    "memory": "accesses by class of memory: {class: {reads, writes}}, words of its width",
    "bits_moved": "bits by class of memory: {class: {reads, writes}}",
    "energy_pj": "estimate by cause, pJ",
    "stream_words": "64-bit words by stream: wgt, act, out",
    "simulator": "verilator, icarus, or model",
    "sim_seconds": "wall time of the simulation, seconds",
    "sim_cycles_per_second": "speed of the simulation, cycles per second",
    "samples": "samples B of the layer",
    "passes": "runs of the accelerator from START to done",
    "different": "outputs that are not golden",
    "cycles_load": "cycles loading weights and activations",
    "cycles_output": "cycles streaming results",
    "cycles": "busy cycles, START to done, sum over passes",
    "slots": "multiplier slots by account; they add up to mac_slots",
    "broadcasts": "activations broadcast",
    "bypass_hits": "updates that took the accumulator from the bypass",
    "load_balance": "work of all PEs over that of the busiest times their number, 0..1",
    "busy_per_pe": "slots with work of each PE",
    "energy_table": "file and source of the energies",
    "counter_errors": "counters that are not as the cycle model predicts, a line each",
    "causes": "accounts told apart: {account: {cause: slots}}",
    "slots_per_pe": "slots of each PE by account, of the cycle model",
}
#: Types of what a record may have beside what each must.
MORE: dict[str, Kind] = {
    "samples": int,
    "passes": int,
    "different": int,
    "cycles_load": int,
    "cycles_output": int,
    "cycles": int,
    "slots": dict,
    "broadcasts": int,
    "bypass_hits": int,
    "load_balance": float,
    "busy_per_pe": list,
    "energy_table": str,
    "counter_errors": list,
    "causes": dict,
    "slots_per_pe": dict,
}


def fields(
    needed: Mapping[str, Kind], more: Mapping[str, Kind], meanings: Mapping[str, str]
) -> dict[str, Any]:
    """An object with the keys ``needed``, perhaps those of ``more``, and no other."""
    return {
        "type": "object",
        "required": list(needed),
        "properties": {
            key: {"type": _TYPES[kind], "description": meanings[key]}
            for key, kind in {**needed, **more}.items()
        },
        "additionalProperties": False,
    }


def rows(form: Mapping[str, Any]) -> dict[str, Any]:
    """An array of at least one of a form."""
    return {"type": "array", "minItems": 1, "items": dict(form)}


def schema() -> dict[str, Any]:
    """The JSON Schema of a results file."""
    text = {"type": "string"}
    group = {"title": text, "subtitle": text, "first": {"type": "integer", "minimum": 0}}
    lines = {"type": "array", "items": text}
    group |= {"count": {"type": "integer", "minimum": 1}, "accuracy": {"type": "object"}}
    return {
        "$schema": DIALECT,
        "title": "results.json of Lacuna",
        "type": "object",
        "required": ["version", "runs"],
        "properties": {
            "version": {"const": VERSION, "description": "of this form"},
            "runs": rows({"$ref": "#/$defs/record"}),
            "groups": {
                "type": "array",
                "description": "records that ran together: count of them from first on",
                "items": {
                    "type": "object",
                    "properties": group | {"notes": lines, "assumes": text},
                    "additionalProperties": False,
                },
            },
            "missing": {
                "type": "array",
                "description": "designs that could not take it, and why",
                "items": {
                    "type": "object",
                    "properties": {"design": text, "workload": text, "reason": text},
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
        "$defs": {"record": fields(SCHEMA, MORE, MEANINGS)},
    }


def text(form: Mapping[str, Any]) -> str:
    """The file of a schema."""
    return json.dumps(form, indent=1) + "\n"


def main() -> int:
    """Write the file; returns the exit status."""
    PATH.write_text(text(schema()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
