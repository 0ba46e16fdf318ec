"""What a mapped netlist holds: cells, memories, instances, and how many gates a path has.

Depth counts cells between registers (or ports), inverters too. A module's timing is kept by port,
so that the paths of a design are put together from those of its parts, and no part is looked at
twice:

    inputs --into--> registers --within--> registers --out--> outputs
    inputs ------------------through----------------------> outputs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NEVER = -(10**6)
CLOCKS = ("clk_i", "rst_ni")


@dataclass(frozen=True)
class Instance:
    """A module inside another; parameters as numbers."""

    name: str
    module: str
    parameters: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Timing:
    """Gates in a row, the most of all paths of a kind; ports without such a path are left out."""

    within: int = 0
    into: dict[str, int] = field(default_factory=dict)
    out: dict[str, int] = field(default_factory=dict)
    through: dict[str, dict[str, int]] = field(default_factory=dict)  # output -> input -> depth
    loops: int = 0

    @property
    def depth(self) -> int:
        """The longest path between registers or ports."""
        through = (depth for arcs in self.through.values() for depth in arcs.values())
        return max(0, self.within, *self.into.values(), *self.out.values(), *through)


#: A memory reads into a register and writes from one: nothing in front of it or behind it.
MEMORY_TIMING = Timing(
    into=dict.fromkeys(
        ("en_i", "we_i", "addr_i", "rd_en_i", "rd_addr_i", "wr_en_i", "wr_addr_i", "wr_data_i"), 0
    ),
    out={"rd_data_o": 0},
)


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


class _Paths:
    """Arrival of each bit as a vector: depth from registers, then from each input port."""

    def __init__(self, module: Mapping[str, Any], timing: Mapping[str, Timing]) -> None:
        self.ports = module["ports"]
        self.inputs = [
            name
            for name, port in self.ports.items()
            if port["direction"] == "input" and name not in CLOCKS
        ]
        self.known: dict[Any, np.ndarray] = {}
        self.wait: dict[Any, list[Any]] = {}  # bit -> [(bits, depth to add)]
        self.base: dict[Any, int] = {}  # bit -> depth from registers inside an instance
        self.ends: list[tuple[list[Any], int]] = []  # bits that end in registers, with depth behind
        self.loops = 0
        self.within = 0
        self.nothing = np.full(len(self.inputs) + 1, NEVER, dtype=np.int32)
        for column, name in enumerate(self.inputs, 1):
            vector = self.nothing.copy()
            vector[column] = 0
            self.known |= dict.fromkeys(self.ports[name]["bits"], vector)
        register = self.nothing.copy()
        register[0] = 0
        for cell_name, cell in module["cells"].items():
            kind, pins = cell["type"], cell["connections"]
            if kind.startswith("$_DFF"):
                self.known[pins["Q"][0]] = register
                self.ends.append((pins["D"], 0))
            elif kind.startswith("$mem"):
                self.known |= dict.fromkeys(pins["RD_DATA"], register)
                self.ends += [(bits, 0) for pin, bits in pins.items() if pin != "RD_DATA"]
            elif kind.startswith("$_"):
                fan_in = [bits[0] for pin, bits in pins.items() if pin != "Y"]
                self.wait[pins["Y"][0]] = [(fan_in, 1)]
            elif not kind.startswith("$"):
                self._instance(pins, timing[cell_name])

    def _instance(self, pins: Mapping[str, list[Any]], part: Timing) -> None:
        self.within = max(self.within, part.within)
        self.ends += [(pins[name], depth) for name, depth in part.into.items() if name in pins]
        for name in {*part.out, *part.through} & pins.keys():
            arcs = [
                (pins[source], depth)
                for source, depth in part.through.get(name, {}).items()
                if source in pins
            ]
            for bit in pins[name]:
                self.wait[bit] = arcs
                if name in part.out:
                    self.base[bit] = part.out[name]

    def arrival(self, goal: Any) -> np.ndarray:
        """The vector of a bit, and of all it depends on."""
        stack, entered = [goal], set()
        while stack:
            bit = stack[-1]
            if bit in self.known or bit not in self.wait:
                stack.pop()
                continue
            open_bits = [
                one
                for bits, _ in self.wait[bit]
                for one in bits
                if one not in self.known and one in self.wait
            ]
            if bit in entered:  # what is still open then depends on itself
                self.loops += len(open_bits)
                open_bits = []
            entered.add(bit)
            if open_bits:
                stack += open_bits
                continue
            stack.pop()
            self.known[bit] = self._vector(bit)
        return self.known.get(goal, self.nothing)

    def _vector(self, bit: Any) -> np.ndarray:
        result = self.nothing.copy()
        if bit in self.base:
            result[0] = self.base[bit]
        for bits, depth in self.wait[bit]:
            for one in dict.fromkeys(bits):
                if one in self.known:
                    np.maximum(result, self.known[one] + depth, out=result)
        return result


def timing(module: Mapping[str, Any], parts: Mapping[str, Timing]) -> Timing:
    """Depth of a netlist; ``parts`` holds the timing of each instance by its name."""
    paths = _Paths(module, parts)
    ends = paths.nothing.copy()
    for bits, depth in paths.ends:
        for bit in dict.fromkeys(bits):
            np.maximum(ends, paths.arrival(bit) + depth, out=ends)
    out, through = {}, {}
    for name, port in module["ports"].items():
        if port["direction"] == "input":
            continue
        worst = np.max([paths.arrival(bit) for bit in port["bits"]], axis=0)
        if worst[0] >= 0:
            out[name] = int(worst[0])
        arcs = {p: int(d) for p, d in zip(paths.inputs, worst[1:], strict=True) if d >= 0}
        if arcs:
            through[name] = arcs
    into = {p: int(d) for p, d in zip(paths.inputs, ends[1:], strict=True) if d >= 0}
    within = max(paths.within, int(ends[0]), 0)
    return Timing(within, into, out, through, paths.loops)
