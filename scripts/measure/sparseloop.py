"""A layer on a design as one YAML in the vocabulary of Sparseloop and TeAAL.

``problem`` is the layer, ``architecture`` the build with its memories, ``sparse-optimizations`` the
format of each rank and what is skipped, ``mapping`` which ranks lie in space and in which order the
others follow, ``measured`` what RTL counted. docs/other-tools.md has every key with its unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from models import registry
from models.dataflow import Dataflow
from models.memories import Memory

Tree = Mapping[str, Any]
_PROJECTION = {
    "Weights": "[k, c, r, s]",
    "Inputs": "[b, c, stride*p + dilation*r, stride*q + dilation*s]",
    "Outputs": "[b, k, p, q]",
}
#: Class of memory -> the tensor that it holds.
_HELD = {"wgt": "Weights", "idx": "Weights", "act": "Inputs", "psum": "Outputs"}


def described(record: Tree) -> dict[str, Any]:
    """The tree of a record of ``results.json``. Raises ValueError where the design says nothing of
    its dataflow.
    """
    design = registry.design(record["design"])
    config = design.config(**record["config"])
    if design.dataflow is None:
        raise ValueError(f"dataflow: design {design.name} does not say its own")
    flow = design.dataflow(config)
    return {
        "problem": _problem(record),
        "architecture": {
            "name": design.title,
            "multipliers": design.multipliers(config),
            "storage": [_storage(name, one) for name, one in design.memories(config).items()],
        },
        "sparse-optimizations": {
            "representation-format": {"data-spaces": [_format(flow, one) for one in flow.formats]},
            "action-optimization": [
                {
                    "type": one.kind,
                    "options": [{"target": one.target, "condition-on": list(one.condition)}],
                }
                for one in flow.actions
            ],
        },
        "mapping": {
            "stationary": flow.stationary,
            "loop-order": list(flow.order),
            "spacetime": {
                "space": [{"rank": rank, "size": size} for rank, size in flow.space],
                "time": list(flow.order),
            },
        },
        "measured": _measured(record),
    }


def _problem(record: Tree) -> dict[str, Any]:
    outputs, inputs, rows, cols = record["shape"]
    return {
        "shape": {
            "name": f"{record['workload']} {record['layer']}",
            "einsum": "Outputs[b,k,p,q] = Inputs[b,c,p+r,q+s] * Weights[k,c,r,s]",
            "data-spaces": [
                {"name": name, "projection": where} for name, where in _PROJECTION.items()
            ],
        },
        "instance": {
            "K": outputs,
            "C": inputs,
            "R": rows,
            "S": cols,
            "B": record["samples"],
            "densities": {
                "Weights": {
                    "distribution": "fixed-structured",
                    "density": record["weight_density"],
                },
                "Inputs": {
                    "distribution": "fixed-structured",
                    "density": record["activation_density"],
                },
            },
        },
    }


def _storage(name: str, memory: Memory) -> dict[str, Any]:
    return {
        "name": name,
        "holds": _HELD[name],
        "width-bits": memory.width,
        "depth": memory.depth,
        "banks": memory.banks,
    }


def _format(flow: Dataflow, tensor: str) -> dict[str, Any]:
    return {
        "name": tensor,
        "ranks": [{"rank": rank, "format": kind} for rank, kind in flow.formats[tensor]],
        "payload-word-bits": flow.words[tensor],
        "metadata-word-bits": flow.metadata[tensor],
    }


def _measured(record: Tree) -> dict[str, Any]:
    return {
        "cycles-compute": record["cycles_compute"],
        "cycles": record["cycles"],
        "multiplies-useful": record["mac_useful"],
        "multiplier-slots": record["mac_slots"],
        "energy-pJ": dict(record["energy_pj"]),
        "bits-moved": {name: dict(ways) for name, ways in record["bits_moved"].items()},
        "bit-exact": record["bit_exact"],
    }


# ---------------------------------------------------------------- YAML


def to_yaml(tree: Any, depth: int = 0) -> str:
    """A tree of mappings, lists and scalars as YAML in block style; scalars as JSON, which is YAML.

    >>> print(to_yaml({"a": [1, {"b": "x: y"}], "c": {}}), end="")
    a:
      - 1
      - b: "x: y"
    c: {}
    """
    pad = "  " * depth
    lines = []
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            lines.append(f"{pad}{key}:{_inside(value, depth + 1)}")
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for value in tree:
            text = to_yaml(value, depth + 1) if _block(value) else f"{_scalar(value)}\n"
            lines.append(f"{pad}- {text.lstrip()}")
    return "".join(lines)


def _block(value: Any) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)


def _inside(value: Any, depth: int) -> str:
    return f"\n{to_yaml(value, depth)}" if _block(value) else f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
