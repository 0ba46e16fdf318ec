"""The cost of a design as a tree, put together from modules that are synthesised once each.

>>> leaf = AreaTree("u", "m", {}, 3, {"$_NAND_": 5, "$_DFF_P_": 1}, 0, {}, ())
>>> path = {"register": {"fo4": 7.5, "start": "a_q", "end": "b_q"}}
>>> top = AreaTree("top", "top", {}, 1, {"$_NOT_": 2}, 64, path, (leaf,))
>>> top.gates, top.transistors, top.ffs, top.mem_bits, top.fo4
(34.0, 136, 3, 64, 7.5)
"""

from __future__ import annotations

import json
import os
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models import registry
from models.places import ROOT
from scripts.area import netlist as area_net
from scripts.area import yosys
from scripts.area.delay import Delays, delays
from scripts.area.yosys import MEMORIES, AreaError, Parameters

CELLS = tomllib.loads((Path(__file__).parent / "cells.toml").read_text(encoding="utf-8"))
#: Hardware that only counts and reports: not the accelerator itself.
ACCOUNTING = (
    "lac_perf",
    "lac_axil_regs",
    *dict.fromkeys(module for design in registry.every() for module in design.accounting),
)
#: Gates of a memory bit: an SRAM cell has six transistors, a NAND2 four, and is drawn denser.
BIT_PRICE = 0.5
Key = tuple[str, tuple[tuple[str, int], ...]]
Netlists = tuple[dict[str, Any], dict[str, Any]]  # mapped for area, mapped for delay


@dataclass(frozen=True)
class AreaTree:
    """A module's cost. Sums are those of ONE instance with all it contains.

    Attributes:
        name: instance, ``[]`` for an index of a generate loop.
        count: instances of it in the parent.
        cells: type -> number, of its own, without children.
        own_mem_bits: bits of its own arrays that are memories.
        paths: kind of start (``register``, ports too; ``memory``, from its output on) -> the
            longest path with such a start, children included: fo4, start, end.
    """

    name: str
    module: str
    parameters: Mapping[str, int]
    count: int
    cells: Mapping[str, int]
    own_mem_bits: int
    paths: Mapping[str, Mapping[str, Any]]
    children: tuple[AreaTree, ...]

    @cached_property
    def own_transistors(self) -> int:
        """Without children."""
        return sum(n * CELLS["transistors"][kind] for kind, n in self.cells.items())

    @property
    def fo4(self) -> float:
        """The longest path, in FO4; the access time of memories is not in it."""
        return max((one["fo4"] for one in self.paths.values()), default=0.0)

    @property
    def own_gates(self) -> float:
        """NAND2 equivalents, without children."""
        return self.own_transistors / CELLS["nand2"]

    @cached_property
    def transistors(self) -> int:
        """Logic and flip-flops; memories are not in it."""
        return self.own_transistors + sum(one.count * one.transistors for one in self.children)

    @property
    def gates(self) -> float:
        """NAND2 equivalents of logic and flip-flops."""
        return self.transistors / CELLS["nand2"]

    @cached_property
    def ffs(self) -> int:
        """Flip-flops, register arrays among them."""
        own = sum(n for kind, n in self.cells.items() if kind.startswith("$_DFF"))
        return own + sum(one.count * one.ffs for one in self.children)

    @cached_property
    def mem_bits(self) -> int:
        """Bits of memories."""
        return self.own_mem_bits + sum(one.count * one.mem_bits for one in self.children)

    @cached_property
    def memory_types(self) -> dict[str, int]:
        """Bits of memories by their ports (``1RW``, ``1R1W``); arrays that are none of these cells
        as ``other``."""
        bits = dict.fromkeys([*MEMORIES.values(), "other"], 0)
        for node, times in self.walk():
            bits[MEMORIES.get(node.module, "other")] += times * node.own_mem_bits
        return bits

    def walk(self, times: int = 1) -> Iterator[tuple[AreaTree, int]]:
        """Every node with the number of its instances in the whole tree."""
        yield self, times
        for one in self.children:
            yield from one.walk(times * one.count)

    def find(self, module: str) -> list[tuple[AreaTree, int]]:
        """The nodes of a module, with how many of each are in the tree."""
        return [(node, times) for node, times in self.walk() if node.module == module]

    def gates_of(self, *modules: str) -> float:
        """Gates of all instances of these modules."""
        return sum(times * node.gates for name in modules for node, times in self.find(name))

    @property
    def accounting_gates(self) -> float:
        """Counters, registers and what only they need."""
        return self.gates_of(*ACCOUNTING)

    @property
    def accelerator_gates(self) -> float:
        """All but the accounting."""
        return self.gates - self.accounting_gates

    def as_json(self) -> dict[str, Any]:
        """For ``area.json``: sums as well as parts."""
        return {
            "name": self.name,
            "module": self.module,
            "parameters": dict(self.parameters),
            "count": self.count,
            "gates": self.gates,
            "own_gates": self.own_gates,
            "transistors": self.transistors,
            "ffs": self.ffs,
            "mem_bits": self.mem_bits,
            "own_mem_bits": self.own_mem_bits,
            "fo4": self.fo4,
            "paths": {kind: dict(one) for kind, one in self.paths.items()},
            "cells": dict(self.cells),
            "children": [one.as_json() for one in self.children],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AreaTree:
        """What ``as_json`` made."""
        names = ("name", "module", "parameters", "count", "cells", "own_mem_bits", "paths")
        children = tuple(cls.from_json(one) for one in data["children"])
        return cls(**{name: data[name] for name in names}, children=children)


@dataclass(frozen=True)
class Unit:
    """A module with its parameters, synthesised on its own."""

    cells: dict[str, int]
    memories: list[tuple[int, int]]
    instances: list[area_net.Instance]
    delays: Delays

    @classmethod
    def load(cls, text: str) -> Unit:
        """From a file of the cache."""
        data = json.loads(text)
        parts = [
            area_net.Instance(one["name"], one["module"], tuple(map(tuple, one["parameters"])))
            for one in data["instances"]
        ]
        delays = Delays(**data["delays"])
        return cls(data["cells"], [tuple(one) for one in data["memories"]], parts, delays)


def key_of(module: str, parameters: Parameters) -> Key:
    """What names a unit."""
    return module, tuple(sorted(parameters.items()))


class Synthesis:
    """Units by key: from the cache, else from Yosys, ``jobs`` at a time.

    ``progress(done, known, text)`` is called when a unit is begun and when it is finished.
    """

    def __init__(
        self,
        rtl: Path = ROOT / "rtl",
        jobs: int = 1,
        flat: bool = False,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> None:
        self.rtl, self.jobs, self.flat = rtl, jobs, flat
        self.progress = progress or (lambda done, known, text: None)
        self.units: dict[Key, Unit] = {}
        self.synthesised = 0
        self._lock = threading.Lock()
        self._paths: dict[Key, Path] = {}

    def _cached(self, key: Key) -> Path:
        """Named after the sources as they were when it was first asked for."""
        if key not in self._paths:
            print_ = yosys.fingerprint(key[0], dict(key[1]), self.rtl, self.flat)
            self._paths[key] = yosys.WORK / "cache" / f"{key[0]}-{print_}.json"
        return self._paths[key]

    def _settable(self, module: str) -> frozenset[str]:
        return yosys.declared(yosys.module_file(module, self.rtl))

    def _netlist(self, key: Key) -> Unit | Netlists:
        """A unit of the cache, or new netlists."""
        path = self._cached(key)
        if path.is_file():
            return Unit.load(path.read_text(encoding="utf-8"))
        made = yosys.netlists(key[0], dict(key[1]), self.rtl, self.flat)
        if odd := area_net.strange(made[0]):
            raise AreaError(f"{key[0]}: cells that are no gates: {', '.join(odd)}")
        with self._lock:
            self.synthesised += 1
        return made

    def run(self, roots: list[Key]) -> None:
        """Make the units of ``roots`` and of all they contain."""
        made: dict[Key, Unit | Netlists] = {}  # whose delays wait for those of parts
        parts: dict[Key, list[area_net.Instance]] = {}
        known = set(self.units)
        before, done = len(known), 0
        with ThreadPoolExecutor(self.jobs) as pool:
            running: dict[Future[Any], Key] = {}

            def start(key: Key) -> None:
                if key not in known and key[0] not in MEMORIES:
                    known.add(key)
                    running[pool.submit(self._netlist, key)] = key

            for key in roots:
                start(key)
            try:
                while running:
                    self.progress(done, len(known) - before, next(iter(running.values()))[0])
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        key = running.pop(future)
                        one = made[key] = future.result()
                        fresh = not isinstance(one, Unit)
                        parts[key] = (
                            area_net.instances(one[0], self._settable) if fresh else one.instances
                        )
                        done += 1
                        for part in parts[key]:
                            start((part.module, part.parameters))
                    self._finish(made, parts)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _finish(self, made: dict[Key, Any], parts: dict[Key, list[Any]]) -> None:
        """Delays of all units whose parts are there; each is then written to the cache."""
        ready = list(made)
        while ready:
            ready = [
                key
                for key in made
                if all(
                    one.module in MEMORIES or (one.module, one.parameters) in self.units
                    for one in parts[key]
                )
            ]
            for key in ready:
                one = made.pop(key)
                if not isinstance(one, Unit):
                    small, fast = one
                    cells, memories = area_net.cells(small), area_net.memories(small)
                    one = Unit(cells, memories, parts[key], delays(fast, self._inside(parts[key])))
                    self._keep(key, one)
                self.units[key] = one

    def _keep(self, key: Key, unit: Unit) -> None:
        path = self._cached(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(unit)), encoding="utf-8")
        unfinished.replace(path)

    def _inside(self, parts: list[area_net.Instance]) -> dict[str, Delays]:
        """By instance; a memory has none."""
        made = {one.name: self.units.get((one.module, one.parameters)) for one in parts}
        return {name: unit.delays for name, unit in made.items() if unit is not None}

    def tree(self, key: Key, name: str = "", count: int = 1) -> AreaTree:
        """The tree of a unit that was made."""
        module, parameters = key[0], dict(key[1])
        name = name or module
        if module in MEMORIES:
            bits = parameters["Width"] * parameters["Depth"]
            return AreaTree(name, module, parameters, count, {}, bits, {}, ())
        unit = self.units[key]
        groups: dict[tuple[str, Key], int] = {}
        for part in unit.instances:
            label = re.sub(r"\[\d+]", "[]", part.name)
            group = label, (part.module, part.parameters)
            groups[group] = groups.get(group, 0) + 1
        children = [self.tree(key, label, times) for (label, key), times in groups.items()]
        children.sort(key=lambda one: (-one.count * one.gates, -one.count * one.mem_bits, one.name))
        bits = sum(words * width for words, width in unit.memories)
        paths = {kind: asdict(path) for kind, path in unit.delays.longest().items()}
        return AreaTree(name, module, parameters, count, unit.cells, bits, paths, tuple(children))


def area(
    top: str, parameters: Parameters | None = None, *, flat: bool = False, rtl: Path = ROOT / "rtl"
) -> AreaTree:
    """The cost of a module of ``rtl/`` (parameters that are not given have their defaults).

    ``flat``: everything in one netlist instead of module by module, for comparison; only memories
    are left out. Raises AreaError if a tool is missing or the module does not synthesise.
    """
    given = dict(parameters or {})
    synthesis = Synthesis(rtl, flat=flat)
    if top in MEMORIES:
        given = yosys.memory_parameters(top, given, rtl)
    key = key_of(top, given)
    synthesis.run([key])
    return synthesis.tree(key)
