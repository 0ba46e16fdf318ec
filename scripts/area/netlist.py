"""What a mapped netlist holds: cells, memories, instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Instance:
    """A module inside another; parameters as numbers."""

    name: str
    module: str
    parameters: tuple[tuple[str, int], ...]


def number(text: str) -> int:
    """A parameter of JSON (bits, or text) as a number.

    >>> number("00000000000000000000000000000101"), number("1" * 32)
    (5, 4294967295)
    """
    if set(text) <= set("01"):
        return int(text, 2)
    raise ValueError(f"parameter value '{text}' is no number")


def cells(module: Mapping[str, Any]) -> dict[str, int]:
    """Type of gate or flip-flop -> how many."""
    types = (cell["type"] for cell in module["cells"].values())
    found = Counter(one for one in types if one.startswith("$_"))
    return dict(sorted(found.items()))


def memories(module: Mapping[str, Any]) -> list[tuple[int, int]]:
    """(words, bits of a word) of the arrays that are left as memories."""
    found = (c["parameters"] for c in module["cells"].values() if c["type"].startswith("$mem"))
    return [(number(one["SIZE"]), number(one["WIDTH"])) for one in found]


def instances(
    module: Mapping[str, Any], settable: Callable[[str], frozenset[str]]
) -> list[Instance]:
    """The black boxes; ``settable(module)`` are the parameters to keep."""
    found = []
    for name, cell in module["cells"].items():
        kind = cell["type"]
        if not kind.startswith("$"):
            names = settable(kind)
            values = ((k, number(v)) for k, v in cell["parameters"].items() if k in names)
            found.append(Instance(name, kind, tuple(sorted(values))))
    return found


def strange(module: Mapping[str, Any]) -> list[str]:
    """Types of cells that a mapped module must not have."""
    types = {cell["type"] for cell in module["cells"].values()}
    return sorted(t for t in types if t.startswith("$") and t[:2] != "$_" and t[:4] != "$mem")
