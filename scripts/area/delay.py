"""How long a mapped netlist's paths are, in FO4: delays of an inverter that drives four like it.

``liberty()`` is the cells of ``delays.toml`` for abc, which maps and sizes for delay.
``delays()`` walks the netlist that comes out. Each bit of a port is kept on its own, so that the
paths of a design are put together from those of its parts, and no part is looked at twice:

    inputs --into--> registers --within--> registers --out--> outputs
    inputs ------------------through----------------------> outputs

Whatever drives more than four inputs, across module boundaries too, does so through a tree of
inverters that each drive four. A memory ends paths like a register; its access time is not known
here, so paths that start at one are kept apart and count from its output.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any

import numpy as np

FACTS = tomllib.loads(File(__file__).with_name("delays.toml").read_text(encoding="utf-8"))
NEVER = -1e6
CLOCKS = ("clk_i", "rst_ni")
#: Where a path can start inside: columns of a vector of arrivals, those of input ports follow.
KINDS = ("register", "memory")
MEMORIES = ("lac_sram_1rw", "lac_sram_1r1w")
#: Intrinsic delay and load over size, to FO4.
UNITS = 5.0
#: Input bits of a module up to which paths through it are kept for each; with more, its ports'
#: latest bits stand for all of them.
_MAX_BITS = 2048
#: What a number of the liberty file is.
_PER_FO4 = 100

Bit = Any  # the number of a net, or "0", "1", "x" of a constant


@dataclass(frozen=True)
class Path:
    """A path's length, and the registers, memories or ports at its ends."""

    fo4: float
    start: str
    end: str


@dataclass(frozen=True)
class Delays:
    """The longest paths of a module. Lists are by bit of the port; an empty entry is no path.

    within   kind of start -> path
    into     input -> [delay, end]
    out      output -> {kind of start: [delay, start]}
    through  output -> {input, or input[bit]: delay}
    load     input -> load inside
    """

    within: dict[str, list[Any]] = field(default_factory=dict)
    into: dict[str, list[list[Any]]] = field(default_factory=dict)
    out: dict[str, list[dict[str, list[Any]]]] = field(default_factory=dict)
    through: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    load: dict[str, list[float]] = field(default_factory=dict)
    loops: int = 0

    def longest(self) -> dict[str, Path]:
        """Kind of start -> the longest path; ``register`` has those of the ports too."""
        found = {kind: [Path(*one)] for kind, one in self.within.items()}
        ports = found.setdefault(KINDS[0], [])
        for name, ends in self.into.items():
            ports += [Path(one[0], name, one[1]) for one in ends if one]
        for name, begins in self.out.items():
            for begin in begins:
                for kind, (delay, start) in begin.items():
                    found.setdefault(kind, []).append(Path(delay, start, name))
        for name, arcs in self.through.items():
            ports += [Path(d, start, name) for one in arcs for start, d in one.items()]
        return {k: max(paths, key=lambda one: one.fo4) for k, paths in found.items() if paths}


def liberty() -> str:
    """The cells for abc: delays that depend on the load alone."""
    axes = 'index_1("0,1000"); index_2("0,1024");'
    lines = [
        'library(lac) { delay_model : table_lookup; time_unit : "1ps"; voltage_unit : "1V";',
        '  current_unit : "1mA"; capacitive_load_unit(1,ff); default_max_transition : 100000;',
        "  lu_table_template(t) { variable_1 : input_net_transition;",
        f"    variable_2 : total_output_net_capacitance; {axes} }}",
    ]
    for name, cell in FACTS["cells"].items():
        for size in FACTS["sizes"]:
            lines += _liberty_cell(f"{name}_X{size}", cell, size, axes)
    return "\n".join([*lines, "}\n"])


def _liberty_cell(name: str, cell: Mapping[str, Any], size: int, axes: str) -> Iterator[str]:
    inputs = [one for one in "ABCDS" if one in cell["function"]]
    ends = [_PER_FO4 * (cell["intrinsic"] + load / size) / UNITS for load in (0, 1024)]
    row = ",".join(f"{one:.3f}" for one in ends)
    table = f'(t) {{ {axes} values("{row}","{row}"); }}'
    flat = f'(t) {{ {axes} values("1,1","1,1"); }}'
    yield f"  cell({name}) {{ area : {cell['area'] * (1 + size) / 2};"
    for one in inputs:
        yield f"    pin({one}) {{ direction : input; capacitance : {cell['input'] * size}; }}"
    yield f'    pin(Y) {{ direction : output; function : "{cell["function"]}";'
    for one in inputs:
        yield f'      timing() {{ related_pin : "{one}"; timing_sense : non_unate;'
        yield f"        cell_rise{table} cell_fall{table}"
        yield f"        rise_transition{flat} fall_transition{flat} }}"
    yield "  } }"


@cache
def _cell(kind: str) -> tuple[float, float, int]:
    """(intrinsic delay in FO4, load of an input pin, size) of a mapped cell."""
    name, _, size = kind.rpartition("_X")
    facts = FACTS["cells"][name]
    return facts["intrinsic"] / UNITS, facts["input"] * int(size), int(size)


def tree(load: float) -> float:
    """Delay of the inverters between a driver of four and a larger load.

    >>> tree(3), tree(4), tree(64)
    (0.0, 0.0, 2.0)
    """
    return math.log(max(1.0, load / 4), 4)


class _Net:
    """Arrival at each bit as a vector: FO4 from a register, from a memory, from each input."""

    def __init__(self, module: Mapping[str, Any], parts: Mapping[str, Delays]) -> None:
        self.cells, self.ports, self.parts = module["cells"], module["ports"], parts
        self.inputs = [
            name
            for name, port in self.ports.items()
            if port["direction"] == "input" and name not in CLOCKS
        ]
        self.names = _names(module)
        self.sources = self._sources()
        self.nothing = np.full(len(KINDS) + len(self.sources), NEVER, dtype=np.float32)
        self.known: dict[Bit, np.ndarray] = {}
        self.starts: dict[Bit, list[str]] = {}  # by kind, where the latest arrival comes from
        self.wait: dict[Bit, tuple[list[Bit], list[float] | float, float]] = {}
        self.begin: dict[Bit, dict[str, list[Any]]] = {}  # bit of an instance that starts inside it
        self.ends: list[tuple[Bit, float, str]] = []
        self.within: dict[str, list[Any]] = {}
        self.loops = 0
        self.order: list[Bit] = []  # every bit behind those that it depends on
        self.loads = self._loads()
        for column, bits in enumerate(self.sources.values(), len(KINDS)):
            vector = self.nothing.copy()
            vector[column] = 0
            self.known |= dict.fromkeys(bits, vector)
        for name, cell in self.cells.items():
            self._enter(name, cell["type"], cell["connections"])

    def _sources(self) -> dict[str, list[Bit]]:
        """The inputs by bit, or by port where there are too many bits."""
        ports = {name: self.ports[name]["bits"] for name in self.inputs}
        if sum(map(len, ports.values())) > _MAX_BITS:
            return ports
        return {
            f"{name}[{index}]" if len(bits) > 1 else name: [bit]
            for name, bits in ports.items()
            for index, bit in enumerate(bits)
        }

    def _loads(self) -> dict[Bit, float]:
        """Inputs that each net drives."""
        loads: dict[Bit, float] = {}

        def add(bits: list[Bit], amount: list[float] | float) -> None:
            each = amount if isinstance(amount, list) else [amount] * len(bits)
            for bit, load in zip(bits, each, strict=True):
                loads[bit] = loads.get(bit, 0.0) + load

        for name, cell in self.cells.items():
            kind, pins = cell["type"], cell["connections"]
            if name in self.parts:
                for pin in self.parts[name].load.keys() & pins.keys():
                    add(pins[pin], self.parts[name].load[pin])
            elif kind.startswith("$_DFF"):
                add(pins["D"], FACTS["pin"])
            elif not _stores(kind):
                for pin, bits in pins.items():
                    if pin != "Y":
                        add(bits, _cell(kind)[1])
            else:
                for pin, bits in pins.items():
                    if pin not in ("RD_DATA", "rd_data_o", *CLOCKS):
                        add(bits, FACTS["pin"])
        for port in self.ports.values():
            if port["direction"] == "output":
                add(port["bits"], FACTS["port"])
        return loads

    def _start(self, bit: Bit, kind: str, delay: float, label: str) -> None:
        vector = self.nothing.copy()
        vector[KINDS.index(kind)] = delay + tree(self.loads.get(bit, 0))
        self.known[bit] = vector
        self.starts[bit] = [label if one == kind else "" for one in KINDS]

    def _enter(self, name: str, kind: str, pins: Mapping[str, list[Bit]]) -> None:
        if name in self.parts:
            self._instance(name, pins, self.parts[name])
        elif kind.startswith("$_DFF"):
            label = self.names.get(pins["Q"][0], name)
            self._start(pins["Q"][0], "register", FACTS["clock_to_output"], label)
            self.ends.append((pins["D"][0], FACTS["setup"], label))
        elif _stores(kind):
            for pin, bits in pins.items():
                label = f"{name}.{pin}"
                for bit in bits:
                    if pin in ("RD_DATA", "rd_data_o"):
                        self._start(bit, "memory", 0.0, label)
                    elif pin not in CLOCKS:
                        self.ends.append((bit, FACTS["setup"], label))
        else:
            intrinsic, _, size = _cell(kind)
            load = self.loads.get(pins["Y"][0], 0.0) / size
            delay = intrinsic + min(load, 4) / UNITS + tree(load)
            fan_in = [bits[0] for pin, bits in pins.items() if pin != "Y"]
            self.wait[pins["Y"][0]] = (fan_in, delay, 0.0)

    def _instance(self, name: str, pins: Mapping[str, list[Bit]], part: Delays) -> None:
        for kind, (fo4, start, end) in part.within.items():
            self._worst(kind, fo4, f"{name}/{start}", f"{name}/{end}")
        for pin in part.into.keys() & pins.keys():
            for bit, one in zip(pins[pin], part.into[pin], strict=True):
                if one:
                    self.ends.append((bit, one[0], f"{name}/{one[1]}"))
        for pin in {*part.out, *part.through} & pins.keys():
            none: list[dict[str, Any]] = [{}] * len(pins[pin])
            begins, arcs = part.out.get(pin, none), part.through.get(pin, none)
            for bit, begin, inputs in zip(pins[pin], begins, arcs, strict=True):
                sources = {one: d for one, d in inputs.items() if one.partition("[")[0] in pins}
                for one in sources:  # of several bits the latest
                    port, _, index = one.rstrip("]").partition("[")
                    driven = [pins[port][int(index)]] if index else pins[port]
                    self.wait.setdefault((name, one), (driven, 0.0, 0.0))
                fan_in = [(name, one) for one in sources]
                extra = tree(self.loads.get(bit, 0.0))
                self.wait[bit] = (fan_in, list(sources.values()), extra)
                self.begin[bit] = {k: [d, f"{name}/{s}"] for k, (d, s) in begin.items()}

    def _worst(self, kind: str, fo4: float, start: str, end: str) -> None:
        if kind not in self.within or fo4 > self.within[kind][0]:
            self.within[kind] = [fo4, start, end]

    def arrival(self, goal: Bit) -> np.ndarray:
        """The vector of a bit, and of all it depends on."""
        stack, entered = [goal], set()
        while stack:
            bit = stack[-1]
            if bit in self.known or bit not in self.wait:
                stack.pop()
                continue
            fan_in = self.wait[bit][0]
            open_bits = [one for one in fan_in if one not in self.known and one in self.wait]
            if bit in entered:  # what is still open then depends on itself
                self.loops += len(open_bits)
                open_bits = []
            entered.add(bit)
            if open_bits:
                stack += open_bits
                continue
            stack.pop()
            self.known[bit] = self._vector(bit)
            self.order.append(bit)
        return self.known.get(goal, self.nothing)

    def _vector(self, bit: Bit) -> np.ndarray:
        fan_in, delays, extra = self.wait[bit]
        each = delays if isinstance(delays, list) else [delays] * len(fan_in)
        result, labels = self.nothing.copy(), [""] * len(KINDS)
        for kind, (delay, label) in self.begin.get(bit, {}).items():
            result[KINDS.index(kind)], labels[KINDS.index(kind)] = delay, label
        for one, delay in zip(fan_in, each, strict=True):
            if one not in self.known:
                continue
            vector = self.known[one] + delay
            for column in range(len(KINDS)):
                if vector[column] > result[column] and vector[column] >= 0:
                    labels[column] = self.starts[one][column]
            np.maximum(result, vector, out=result)
        self.starts[bit] = labels
        return result + np.float32(extra)

    def _to_ends(self) -> dict[Bit, list[Any]]:
        """Bit -> [longest way to a register or memory, which], of all visited bits."""
        found: dict[Bit, list[Any]] = {}

        def better(bit: Bit, delay: float, label: str) -> None:
            if bit not in found or delay > found[bit][0]:
                found[bit] = [delay, label]

        for bit, delay, label in self.ends:
            better(bit, delay, label)
        for bit in reversed(self.order):
            if bit in found:
                delay, label = found[bit]
                fan_in, delays, extra = self.wait[bit]
                each = delays if isinstance(delays, list) else [delays] * len(fan_in)
                for one, more in zip(fan_in, each, strict=True):
                    better(one, delay + more + extra, label)
        return found

    def made(self) -> Delays:
        """The longest path of each kind."""
        for bit, delay, label in self.ends:
            vector = self.arrival(bit)
            for column, kind in enumerate(KINDS):
                if vector[column] >= 0:
                    start = self.starts[bit][column]
                    self._worst(kind, _round(vector[column] + delay), start, label)
        out, through = {}, {}
        for name, port in self.ports.items():
            if port["direction"] == "output":
                vectors = [(bit, self.arrival(bit)) for bit in port["bits"]]
                out[name] = [self._begins(*one) for one in vectors]
                through[name] = [self._arcs(vector) for _, vector in vectors]
        to_ends = self._to_ends()
        into, load = {}, {}
        for name in self.inputs:
            bits = self.ports[name]["bits"]
            ways = [to_ends.get(bit, []) for bit in bits]
            into[name] = [[_round(one[0]), one[1]] if one else [] for one in ways]
            load[name] = [_round(self.loads.get(bit, 0.0)) for bit in bits]
        return Delays(self.within, into, out, through, load, self.loops)

    def _begins(self, bit: Bit, vector: np.ndarray) -> dict[str, list[Any]]:
        return {
            kind: [_round(vector[column]), self.starts[bit][column]]
            for column, kind in enumerate(KINDS)
            if vector[column] >= 0
        }

    def _arcs(self, vector: np.ndarray) -> dict[str, float]:
        found = zip(self.sources, vector[len(KINDS) :], strict=True)
        return {name: _round(delay) for name, delay in found if delay >= 0}


def _stores(kind: str) -> bool:
    return kind.startswith("$mem") or kind in MEMORIES


def _names(module: Mapping[str, Any]) -> dict[Bit, str]:
    """Bit -> the name of its net in the source, the shortest if there are several."""
    found: dict[Bit, str] = {}
    for name, net in module["netnames"].items():
        if not net.get("hide_name"):
            for index, bit in enumerate(net["bits"]):
                label = f"{name}[{index}]" if len(net["bits"]) > 1 else name
                if bit not in found or len(label) < len(found[bit]):
                    found[bit] = label
    return found


def delays(module: Mapping[str, Any], parts: Mapping[str, Delays]) -> Delays:
    """Paths of a netlist of the cells of ``liberty()``; ``parts``: of each instance, by its name
    (none for a memory).
    """
    return _Net(module, parts).made()


def _round(value: float) -> float:
    return round(float(value), 2)
