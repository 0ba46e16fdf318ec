"""What a design is: one object, read by all that runs, measures, draws and documents it.

``models/<design>/__init__.py`` ends in ``DESIGN = Design(...)``, ``models/registry.py`` has a line
for it, and nothing else names it: what any tool must know of a design is a field here.
``tests/meta/test_design_contract.py`` demands of every design what cannot be a field (mutants, test
plan, interpreter, coverage, page, wave layout), ``tests/meta/test_design_clone.py`` that three
folders and the line are enough. Only the standard library and what models share is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.dataflow import Dataflow
from models.layer import Layer
from models.lower import GEOMETRY, Lowering
from models.memories import Memory
from models.names import listing
from models.program import PassCycles, Program
from models.registers import RegisterMap
from models.socket import COUNTERS, LAST_ERROR, NUM_PERF, OWN_ERRORS, ErrorCode

Config = Any  #: a frozen dataclass of build parameters in snake_case, with ``parameters()``
Packets = Sequence[NDArray[np.uint64]]
Changes = Mapping[str, int]

#: What every design is compared with, unless it says otherwise.
BASELINE = "dense"
#: Account of a multiplier slot -> the counter that holds it; ``idle`` is what no counter explains.
SLOT_COUNTERS = {
    "useful": "mac_useful",
    "padding": "slot_padding",
    "empty": "slot_empty",
    "input": "stall_input",
    "sync": "stall_sync",
    "bank": "stall_bank",
}


@dataclass(frozen=True)
class Account:
    """Where a multiplier slot can go, as the report shows it.

    name    of ``SLOT_COUNTERS``, ``idle``, or ``<account>_<cause>`` of ``Design.causes``
    label   in the design's own words; colour: of its bars, ``#rrggbb``
    """

    name: str
    label: str
    colour: str


#: Accounts in the words that fit most designs, by name.
ACCOUNTS = {
    one.name: one
    for one in (
        Account("useful", "useful multiply", "#2a7f62"),
        Account("padding", "padding entry", "#e0a030"),
        Account("empty", "empty slice", "#b9770e"),
        Account("input", "no operand", "#9fb3c8"),
        Account("sync", "synchronisation", "#7b6fb0"),
        Account("bank", "bank conflict", "#c0392b"),
        Account("idle", "idle: fill, drain", "#dde3ea"),
    )
}


@dataclass(frozen=True)
class GateBuild:
    """A build on the maps of ``make pergate``.

    label     begins with the design's title and is no other build's
    changes   fields of the configuration
    like      label of the build whose cycles it has, if it has those of another
    """

    label: str
    changes: Mapping[str, int | str] = field(default_factory=dict)
    like: str = ""


@dataclass(frozen=True)
class Overhead:
    """What some modules of a build cost beside others: decompression beside the array.

    kind, size, units, lanes   what the table says: format, side of the array, number, width
    changes                    fields of the configuration
    modules, beside            modules whose gates are compared
    """

    kind: str
    size: int
    units: int
    lanes: int
    changes: Changes
    modules: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True)
class PerGate:
    """A design's part in ``make pergate``.

    builds      at least one; the best of them counts
    versus      other designs beside which it has a map
    memory      what the bits of ``Design.footprint`` hold, for the page
    file_bits   bits of register files that are memories in a configuration
    note        on its builds, for the page
    overheads   what is stated of its parts
    claims      designs over which its paper claims an advantage, and the claim, for the page
    """

    builds: tuple[GateBuild, ...]
    memory: str
    versus: tuple[str, ...] = (BASELINE,)
    file_bits: Callable[[Config], int] = lambda config: 0
    note: str = ""
    overheads: tuple[Overhead, ...] = ()
    claims: tuple[str, ...] = ()
    claim: str = ""


#: What is in none of the parts of a ``Split``.
REST = "the rest"


@dataclass(frozen=True)
class Split:
    """What the parts of a module are of it: a table of ``make area``.

    title, module   of what
    parts           label -> modules, with all that is in them; what is in none of them is the rest
    paper           label -> published share of the area
    note            on the figures
    """

    title: str
    module: str
    parts: Mapping[str, tuple[str, ...]]
    paper: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Variant:
    """A way to run a build: as published, with our gains, as the machine it is compared with.

    text     what is different, for captions
    of       the configuration of a build -> that of the variant
    """

    text: str
    of: Callable[[Config], Config] = lambda config: config


@dataclass(frozen=True)
class Study:
    """Machines of a suite that differ in one field.

    key        the field, label: what it is
    machines   of a build; those of one tuple share a program
    in_rtl     whether a machine is small enough to be simulated
    """

    key: str
    label: str
    machines: Callable[[Config], Sequence[tuple[Config, ...]]]
    in_rtl: Callable[[Config], bool] = lambda config: True


@dataclass(frozen=True)
class Suite:
    """The layers of a paper and what it says of them: ``make bench``.

    layers     names in the paper's order
    make       (name, seed) -> the layer
    work       name -> how much it is, to begin with the longest
    facts      (name, layer, configuration) -> what a record says beside what ran: ``baseline``
               (name of what it is compared with), ``baseline_cycles``, ``paper_ratio`` (published
               cycles over those of the baseline), and what only this paper has
    assumes    what the figures assume, for captions
    goal       variant that must be as good as published ("" none), and the largest geometric mean
               of its ratios
    quick      layers of ``QUICK=1``; studied: layers whose studies are simulated
    """

    layers: tuple[str, ...]
    make: Callable[[str, int], Layer]
    work: Callable[[str], float]
    facts: Callable[[str, Layer, Config], Mapping[str, Any]]
    assumes: str
    goal: tuple[str, float] = ("", 0.0)
    quick: tuple[str, ...] = ()
    studies: tuple[Study, ...] = ()
    studied: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TileMap:
    """Which rows of an array the weights of a layer fill, tile by tile.

    share     float [T, rows]: columns that have a weight, tiles in the order in which they run
    steps     int64 [any]: tiles of each pair of an output tile and a channel tile
    patterns  int64 [P]: positions by residue
    """

    share: NDArray[np.float64]
    steps: NDArray[np.int64]
    patterns: NDArray[np.int64]


@dataclass(frozen=True)
class DocTable:
    """A table of the design's page (``rtl/<design>/README.md``) that is computed: head and rows."""

    head: tuple[str, ...]
    rows: Callable[[], Sequence[tuple[str, ...]]]


def no_chain(layers: Sequence[Layer], config: Config) -> Program:
    """``compile_network`` of designs whose results leave by the stream: always ValueError."""
    raise ValueError("layers: results leave the accelerator, compile layer by layer")


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """An accelerator.

    name, number   of its folders and its top ``lac_<name>``; low byte of the register ID
    title          in texts; words: (fields of a configuration) -> a build in a few words
    config         class of its configurations; multipliers: of one

    registers      its CFG and CAP fields (``rtl/<name>/registers.toml``)
    compile        (layer, config) -> program; ValueError on what the build cannot hold. Given for
                   layers of plain geometry; the field takes any (``models/lower.py``), and so do
                   ``unpack``, ``footprint`` and ``holding``
    geometry       of ``lower.GEOMETRY``: what of it the given compiler takes as it is
    compile_network  the same of chained layers; last_only: only the last of them answers, so what
                   compares every layer runs them one by one
    holding        (layers with inputs, config) -> the build, or one whose ``widths`` hold these
                   numbers; widths: fields that are chosen so unless they are given, and the most
                   that they can be
    fitted         (layer, config) -> the layer with weights that the build can store: another one
                   where it has a codebook and they are more than its values
    computed       (layer, config) -> the layer whose golden answer comes out: another one where
                   options of the run leave something out, or that is fitted
    unpack         (program, result packets) -> tensors int64 [B, K, P, Q]
    cycles         (program, config) -> what the RTL will do, pass by pass, exactly
    memories       config -> memory by class of counters (``models/memories.py``)
    footprint      (layer, config, program) -> bits that the layer fills: weights, activations,
                   accumulators
    dataflow       config -> how it stores and walks its tensors (``models/dataflow.py``)
    per_pixel      a convolution is one run per output pixel

    errors         codes of the socket that it can raise
    own_errors     codes from ``socket.OWN_ERRORS`` on -> (name, meaning with ERR_POS)
    counters       counters of the socket that do not move in every design, but in this one
    own_counters   (name, meaning) of the PERF registers behind those of the socket
    accounts       where its slots can go, in the order of the bars
    grid           (fields of a configuration) -> rows and columns of its PEs, whose slots the cycle
                   model tells apart (``PassCycles.slots_per_pe``); None where it does not
    causes         (layer, config, useful multiplies) -> {account: {cause: slots}} where an account
                   can be told apart
    tile_map       (layer, config) -> which rows of the array have weights, where that is a question

    builds         full-size builds by name, parameters as in the RTL, ``default`` among them;
                   old_names: spelling -> name
    quick          build of ``make run`` where none is named: ``default``, or what a simulator gets
                   through while one waits
    measured       builds of ``make area`` where none is named; empty: all but ``default``
    checked        small builds that ``make lint`` looks at in one piece; flat: those that are also
                   synthesised in one netlist
    sizes          builds that ``make compare`` chooses from, label -> fields that are not the
                   default's: equal multipliers, gates or memory are the nearest of them
    published      those of them that are as the paper has it, without our gains: beside the others
                   in ``make map``, not in ``make compare``
    multiplies_all  its PEs multiply by every weight, zeros too, but for what a compiler leaves out
    accounting     modules that only count
    split          see ``Split``
    per_gate       see ``PerGate``

    variants, suite   ways to run it, and the layers of its paper
    colour         of its bars, ``#rrggbb``; slots_text: how to read its accounts
    tables         computed parts of its page
    """

    name: str
    number: int
    title: str
    words: Callable[[Mapping[str, Any]], Sequence[str]]
    config: type
    multipliers: Callable[[Config], int]

    registers: RegisterMap
    compile: Callable[[Layer, Config], Program]
    unpack: Callable[[Program, Packets], list[NDArray[np.int64]]]
    cycles: Callable[[Program, Config], list[PassCycles]]
    memories: Callable[[Config], dict[str, Memory]]
    footprint: Callable[[Layer, Config, Program], dict[str, int]]
    compile_network: Callable[[Sequence[Layer], Config], Program] = no_chain
    geometry: frozenset[str] = frozenset()
    last_only: bool = False
    per_pixel: bool = False
    holding: Callable[[Sequence[Layer], Config], Config] = lambda layers, config: config
    fitted: Callable[[Layer, Config], Layer] = lambda layer, config: layer
    dataflow: Callable[[Config], Dataflow] | None = None
    computed: Callable[[Layer, Config], Layer] = lambda layer, config: layer
    widths: Mapping[str, int] = field(default_factory=dict)

    errors: tuple[ErrorCode, ...]
    own_errors: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    counters: tuple[str, ...] = ()
    own_counters: tuple[tuple[str, str], ...] = ()
    accounts: tuple[Account, ...]
    grid: Callable[[Mapping[str, Any]], tuple[int, int]] | None = None
    causes: Callable[[Layer, Config, int], dict[str, dict[str, int]]] = lambda *_: {}
    tile_map: Callable[[Layer, Config], TileMap] | None = None

    builds: Mapping[str, Changes]
    old_names: Mapping[str, str] = field(default_factory=dict)
    quick: str = "default"
    measured: tuple[str, ...] = ()
    checked: Mapping[str, Changes]
    flat: Mapping[str, Changes] = field(default_factory=dict)
    sizes: Mapping[str, Mapping[str, int | str]] = field(default_factory=lambda: {"default": {}})
    published: tuple[str, ...] = ()
    multiplies_all: bool = False
    accounting: tuple[str, ...] = ()
    split: Split | None = None
    per_gate: PerGate

    variants: Mapping[str, Variant] = field(default_factory=lambda: {"plain": Variant("as it is")})
    suite: Suite | None = None
    colour: str
    slots_text: str
    tables: Mapping[str, DocTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {*SLOT_COUNTERS, "idle"}
        for one in self.accounts:
            if one.name not in known and one.name.partition("_")[0] not in known:
                raise ValueError(
                    f"{self.name}: accounts: found {one.name!r}, allowed {listing(known)}, and an "
                    "underscore and a cause behind one of them"
                )
        counted = {name for name, _ in COUNTERS}
        for name in self.counters:
            if name not in counted:
                raise ValueError(f"{self.name}: counters: found {name!r}, which PERF has not")
        for code in self.own_errors:
            if not OWN_ERRORS <= code <= LAST_ERROR:
                raise ValueError(
                    f"{self.name}: own_errors: found {code}, allowed {OWN_ERRORS}..{LAST_ERROR}"
                )
        if (count := len(self.counter_names)) > NUM_PERF:
            raise ValueError(
                f"{self.name}: own_counters: found {count} in all, PERF has {NUM_PERF}"
            )
        for name in ("default", self.quick, *self.measured):
            if name not in self.builds:
                raise ValueError(f"{self.name}: builds: found {listing(self.builds)}, need {name}")
        if odd := self.geometry - set(GEOMETRY):
            raise ValueError(
                f"{self.name}: geometry: found {listing(sorted(odd))}, allowed {listing(GEOMETRY)}"
            )
        self._lower()

    def _lower(self) -> None:
        """Let what is given for layers of plain geometry take those of any."""
        lowering = Lowering(
            self.compile,
            self.unpack,
            self.cycles,
            self.footprint,
            self.holding,
            self.geometry,
            self.fitted,
        )
        fitted, computed = self.fitted, self.computed

        def both(layer: Layer, config: Config) -> Layer:
            return computed(fitted(layer, config), config)

        object.__setattr__(self, "computed", both)
        for name in ("compile", "unpack", "footprint", "holding"):
            object.__setattr__(self, name, getattr(lowering, name))

    @property
    def top(self) -> str:
        """The module."""
        return f"lac_{self.name}"

    @property
    def short(self) -> str:
        """The title, fit for a column: ``S.-on-Dense``."""
        first, _, rest = self.title.partition("-")
        return f"{first[0]}.-{rest}" if rest else first

    @property
    def error_codes(self) -> dict[str, int]:
        """Every error it can raise: name -> code."""
        own = {name: code for code, (name, _) in self.own_errors.items()}
        return {code.name: int(code) for code in self.errors} | own

    @property
    def counter_names(self) -> tuple[str, ...]:
        """PERF registers, in order."""
        return (*(name for name, _ in COUNTERS), *(name for name, _ in self.own_counters))

    def account(self, name: str) -> Account:
        """An account as this design calls it; one that it should not have, in common words."""
        for one in self.accounts:
            if one.name == name:
                return one
        return ACCOUNTS.get(name, Account(name, name.replace("_", " "), "#616e7c"))
