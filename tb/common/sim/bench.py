"""What a bench is, and how the benches of all folders are found."""

from __future__ import annotations

import fnmatch
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.names import unknown
from models.places import ROOT
from tb.common.sim import configs

SIMULATORS = ("verilator", "icarus")

_NAME = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True)
class Bench:
    """One top level, the configurations it is built in, and the cocotb tests that run on it.

    Attributes:
        name: what ``DESIGN=`` calls it; ``[a-z0-9_-]`` only, unique over all folders.
        top: the module that is simulated.
        module: dotted name of the Python module that holds the cocotb tests.
        tests: names of the tests in it; a run without a filter must find exactly these
            (a parametrised test is named once, without its parameters).
        rtl: folders under ``rtl/`` where modules are looked up; ``common`` is always one.
            Only the files that the top needs are compiled.
        sources: more files (relative to the repository, or absolute): harnesses and players.
        configs: configuration name -> RTL parameters (UpperCamel).
        defines: Verilog macros.
        simulators: where it may run at all.
        icarus: configurations that are also run on Icarus by the test suite (None: all);
            Icarus is 10 to 100 times slower, so large ones stay out.
        verilator: configurations that ``make test`` runs on Verilator. None: the first one, and
            what Icarus does not run; Icarus has finished a small one before Verilator has compiled
            it. ``make cov`` and ``make regress`` run all of them, and ``make test`` does where
            there is no Icarus.
        slow: configurations that ``make test`` leaves to ``make regress``; ``make cov`` runs only
            their smoke test ...
        closing: ... but for these, which have bins that no other reaches: all tests.
        long: tests that ``make test`` runs on Verilator alone, if it runs the bench there; Icarus
            takes five to ten times as long for them. ``make regress`` runs them on both.
        fast: compile the Verilator model for speed (long runs) instead of for a short build.
        main: main program of a Verilator build (C++, relative to the repository), "" for cocotb's.
        timeout: seconds of wall time after which a run is killed and has failed.
    """

    name: str
    top: str
    module: str
    tests: tuple[str, ...]
    rtl: tuple[str, ...] = ("common",)
    sources: tuple[str, ...] = ()
    configs: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {"default": {}})
    defines: Mapping[str, object] = field(default_factory=dict)
    simulators: tuple[str, ...] = SIMULATORS
    icarus: tuple[str, ...] | None = None
    verilator: tuple[str, ...] | None = None
    slow: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    long: tuple[str, ...] = ()
    fast: bool = False
    main: str = ""
    timeout: float = 300.0

    def __post_init__(self) -> None:
        for what, name in [("bench", self.name), *(("configuration", c) for c in self.configs)]:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{what} name {name!r}: only a-z, 0-9, _ and - are allowed")
        if not self.tests:
            raise ValueError(f"bench {self.name!r}: tests is empty, a bench must name its tests")
        if len(set(self.tests)) != len(self.tests):
            raise ValueError(f"bench {self.name!r}: a test is named twice in {self.tests}")
        if not self.configs:
            raise ValueError(f"bench {self.name!r}: it needs at least one configuration")
        for label, names, known in (
            ("simulators", self.simulators, SIMULATORS),
            ("icarus", self.icarus or (), self.configs),
            ("verilator", self.verilator or (), self.configs),
            ("slow", self.slow, self.configs),
            ("closing", self.closing, self.slow),
            ("long", self.long, self.tests),
        ):
            if unknown := set(names) - set(known):
                raise ValueError(
                    f"bench {self.name!r}: {label} has {sorted(unknown)}, known: {sorted(known)}"
                )

    def parameters(self, config: str | Mapping[str, int]) -> dict[str, int]:
        """RTL parameters of a configuration.

        ``config`` is parameters (``{"NumPe": 4}``), or what ``CONFIG=`` takes
        (``tb/common/sim/configs.py``): ``"default"``, ``"default,NumPe=4"``, ``"num_pe=4"``.
        """
        if not isinstance(config, str):
            return dict(config)
        _, base, changes = configs.resolve(self, config)
        return base | changes

    def label(self, config: str | Mapping[str, int]) -> str:
        """A configuration as ``CONFIG=`` takes it, spelled in one way."""
        if isinstance(config, str):
            name, _, changes = configs.resolve(self, config)
            return ",".join([name, *(f"{k}={v}" for k, v in sorted(changes.items()))])
        for name, parameters in self.configs.items():
            if dict(parameters) == dict(config):
                return name
        base = next(iter(self.configs))
        if missing := set(self.configs[base]) - set(config):
            raise ValueError(
                f"bench {self.name!r}: parameters {sorted(missing)} of configuration {base!r} are "
                "missing; give all of them, so that the run can be named and replayed"
            )
        changed = {k: v for k, v in config.items() if self.configs[base].get(k) != v}
        return ",".join([base, *(f"{k}={v}" for k, v in sorted(changed.items()))])

    @property
    def folder(self) -> str:
        """The folder under ``tb/`` that it is in."""
        return self.module.split(".")[1] if self.module.startswith("tb.") else ""

    def runs_on_icarus(self, config: str) -> bool:
        """Whether the test suite runs this configuration on Icarus."""
        return "icarus" in self.simulators and (self.icarus is None or config in self.icarus)

    def runs_in_test(self, config: str, simulator: str, with_icarus: bool = True) -> bool:
        """Whether ``make test`` runs this configuration on this simulator.

        ``with_icarus``: Icarus is there to do its part.
        """
        if config in self.slow or simulator not in self.simulators:
            return False
        if simulator == "icarus":
            return self.runs_on_icarus(config)
        if not with_icarus:
            return True
        if self.verilator is None:
            return config == next(iter(self.configs)) or not self.runs_on_icarus(config)
        return config in self.verilator

    def tests_in_test(self, simulator: str) -> list[str] | None:
        """The tests of a run in ``make test``; None is all of them."""
        elsewhere = any(self.runs_in_test(config, "verilator") for config in self.configs)
        if simulator != "icarus" or not self.long or not elsewhere:
            return None
        return [name for name in self.tests if name not in self.long]

    def config_json(self, config: str | Mapping[str, int]) -> str:
        """The parameters as ``LAC_CONFIG`` hands them to the cocotb tests."""
        return json.dumps(self.parameters(config), sort_keys=True)


def discover(root: Path = ROOT) -> dict[str, Bench]:
    """All benches by name, from ``BENCHES`` in each ``tb/<folder>/benches.py``."""
    benches: dict[str, Bench] = {}
    for path in sorted((root / "tb").glob("*/benches.py")):
        folder = importlib.import_module(f"tb.{path.parent.name}.benches")
        for bench in folder.BENCHES:
            if bench.name in benches:
                raise ValueError(f"two benches are named {bench.name!r}; the second is in {path}")
            benches[bench.name] = bench
    return benches


def find(name: str) -> Bench:
    """The bench of that name; raises ValueError that lists the known ones."""
    benches = discover()
    if name not in benches:
        raise ValueError(unknown("design", name, benches) + " (make sim lists all benches)")
    return benches[name]


def choose(text: str | None) -> list[Bench]:
    """Benches by name or pattern, commas between (``sparse_on_dense*,sod_*``); of none, all.

    A pattern may name the folder as well: ``eie/*`` are all benches in ``tb/eie``.

    Raises:
        ValueError: a name that no bench has.
    """
    known = discover()
    if not text:
        return list(known.values())
    chosen: dict[str, Bench] = {}
    for pattern in (one.strip() for one in text.split(",")):
        found = [
            name
            for name, bench in known.items()
            if fnmatch.fnmatchcase(name, pattern)
            or fnmatch.fnmatchcase(f"{bench.folder}/{name}", pattern)
        ]
        chosen |= {name: known[name] for name in found or [find(pattern).name]}
    return list(chosen.values())
