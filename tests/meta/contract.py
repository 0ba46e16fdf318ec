"""What every design brings (``CONTRIBUTING.md``), as checks that name what is missing.

``faults(brought)`` looks at a design of the registry and at the files, benches and covergroups
that go with it; ``test_design_contract.py`` runs it on every design.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from models import registry
from models.design import REST, SLOT_COUNTERS, Design
from models.layer import Layer
from models.places import ROOT
from models.program import PassCycles
from scripts.cov.plan import SHARED, STAGES, read_plans
from tb.common.coverage.functional import Group
from tb.common.coverage.functional import discover as covergroups
from tb.common.sim.bench import Bench, discover

MUTANTS = 3  # of each module
OWN_LINES = 150  # of a top
#: Pins of the socket, as a port or handed on.
PIN = re.compile(r"\s*(?:(?:in|out)put\b.*\s|\.)[sm]_axi[ls]_\w+,?")
SECTIONS = ("Function", "Parameters", "Registers", "Errors", "Counters")
#: Benches of a top: name behind that of the design -> what they are for.
TOPS = {"": "what must work", "_bad": "what must go wrong in good order"}
#: Counters of the socket that do not move in every design.
SOME = {
    *("stall_queue_full", "stall_sync", "stall_bank", "slot_empty"),
    *("idx_reads", "idx_writes", "broadcasts", "bypass_hits"),
}
FOOTPRINT = {"weights", "activations", "accumulators"}


@dataclass(frozen=True)
class Brought:
    """A design and what there is of it; ``others``: the rest of the registry."""

    design: Design
    root: Path = ROOT
    benches: Mapping[str, Bench] | None = None
    groups: Mapping[str, Collection[Group]] | None = None
    others: tuple[Design, ...] | None = None

    def path(self, text: str) -> Path:
        """A file of the design: ``{}`` is its name."""
        return self.root / text.format(self.design.name)

    def text(self, text: str) -> str:
        """What is in a file, "" if there is none."""
        path = self.path(text)
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def rest(self) -> tuple[Design, ...]:
        """The other designs."""
        if self.others is not None:
            return self.others
        return tuple(one for one in registry.every() if one.name != self.design.name)


Check = Callable[[Brought], Iterator[str]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Adds a check to those of ``faults``."""
    CHECKS.append(function)
    return function


def faults(brought: Brought) -> list[str]:
    """What is missing or wrong, a line each, beginning with what it is about."""
    return [line for one in CHECKS for line in one(brought)]


@check
def identity(brought: Brought) -> Iterator[str]:
    """Name, number, title and colour are its own."""
    design = brought.design
    for one in brought.rest:
        for name in ("name", "number", "title", "colour"):
            if getattr(one, name) == getattr(design, name):
                yield f"{name}: {getattr(design, name)!r} is that of {one.name}"
    if not 1 <= design.number <= 255:
        yield f"number: found {design.number}, allowed 1..255"
    if not re.fullmatch(r"#[0-9a-f]{6}", design.colour):
        yield f"colour: found {design.colour!r}, need #rrggbb"
    for name in ("title", "slots_text"):
        if not getattr(design, name):
            yield f"{name}: is empty"


@check
def configuration(brought: Brought) -> Iterator[str]:
    """The configuration describes itself, and the builds are builds of it."""
    design = brought.design
    known = {one.name for one in fields(design.config)}
    try:
        replace(design.config(), **design.widths)
    except (TypeError, ValueError) as error:
        yield f"widths: {error}"
    if not design.words({name: getattr(design.config(), name) for name in known}):
        yield "words: says nothing of the default build"
    for kind, builds in (("builds", design.builds), ("checked", design.checked)):
        if not any(name != "default" for name in builds):
            yield f"{kind}: names no build"
    for kind in ("builds", "checked", "flat"):
        for name, parameters in getattr(design, kind).items():
            for one in parameters:
                if one not in design.config().parameters():
                    yield f"{kind}: {name} has the parameter {one}, the configuration has not"


@check
def per_gate(brought: Brought) -> Iterator[str]:
    """Its part in ``make pergate``."""
    design = brought.design
    part = design.per_gate
    known = {one.name for one in (design, *brought.rest)}
    if not part.builds:
        yield "per_gate: names no build"
    for one in part.builds:
        if not one.label.lower().startswith(design.title.lower()):
            yield f"per_gate: the label {one.label!r} does not begin with the title"
        try:
            design.config(**one.changes)
        except (TypeError, ValueError) as error:
            yield f"per_gate: {one.label}: {error}"
    for name in (*part.versus, *part.claims):
        if name not in known:
            yield f"per_gate: {name} is no design"
    if not part.memory:
        yield "per_gate: memory is empty"


@check
def model(brought: Brought) -> Iterator[str]:
    """A small layer: program, prediction, footprint and memories fit each other."""
    design = brought.design
    config = design.config()
    layer = Layer([[1, 0, 2], [0, 3, 0]], [[4, 0, 5]], shift=0, name="tiny")
    program = design.compile(layer, config)
    if program.design != design.name:
        yield f"compile: the program is of {program.design!r}"
    if found := set(design.footprint(layer, config, program)) ^ FOOTPRINT:
        yield f"footprint: {', '.join(sorted(found))} missing or unknown"
    predicted = design.cycles(program, config)
    counters: Counter[str] = Counter()
    for one in predicted:
        counters.update(one.counters)
    for name in counters.keys() - set(design.counter_names):
        yield f"cycles: predicts {name}, which PERF has not"
    for name, _ in design.own_counters:
        if name not in counters:
            yield f"own_counters: the cycle model does not predict {name}"
    for name in SOME & {name for name, count in counters.items() if count}:
        if name not in design.counters:
            yield f"counters: {name} moves, and is not named"
    compute = sum(int(one.compute) for one in predicted)
    if counters["mac_slots"] != design.multipliers(config) * compute:
        yield f"multipliers: {counters['mac_slots']} slots in {compute} cycles are not theirs"
    if np.size(predicted[0].busy_per_pe) < 1:
        yield "cycles: busy_per_pe is empty"
    yield from _per_pe(design, predicted)
    shown = {one.name.partition("_")[0] for one in design.accounts}
    for account, name in SLOT_COUNTERS.items():
        if name in SOME and (name in design.counters) != (account in shown):
            yield f"accounts: {account} is shown, or counted, but not both"
        if counters[name] and account not in shown:
            yield f"accounts: slots go to {account}, which is not shown"
    for account, parts in design.causes(layer, config, counters["mac_useful"]).items():
        named = {one.name for one in design.accounts}
        for cause in parts:
            if f"{account}_{cause}" not in named:
                yield f"accounts: {account}_{cause} is not shown"


def _per_pe(design: Design, predicted: Sequence[PassCycles]) -> Iterator[str]:
    """Slots of single PEs: told apart by the model where they are shown, and no others."""
    told = {account for one in predicted for account in one.slots_per_pe}
    if (design.grid is not None) != bool(told):
        yield f"grid: {'is' if design.grid else 'not'} given, the model tells {len(told)} accounts"
    for one in predicted:
        for account, each in one.slots_per_pe.items():
            if int(each.sum()) != one.counters[SLOT_COUNTERS[account]]:
                yield f"grid: {account} of the PEs is not {SLOT_COUNTERS[account]}"
        if design.grid is not None:
            rows, cols = design.grid(asdict(design.config()))
            if any(each.size != rows * cols for each in one.slots_per_pe.values()):
                yield f"grid: found {rows} x {cols}, which is not the number of PEs"


@check
def hardware(brought: Brought) -> Iterator[str]:
    """Its top has the number and is named after it."""
    design = brought.design
    top = brought.text("rtl/{0}/lac_{0}.sv")
    if f"module {design.top}" not in top:
        yield f"rtl: rtl/{design.name}/{design.top}.sv holds no module {design.top}"
    elif not re.search(rf"\.DesignId\s*\(\s*{design.number}\s*\)", top):
        yield f"number: {design.top} does not have DesignId {design.number}"
    if (split := design.split) is not None:
        named = (split.module, *(one for modules in split.parts.values() for one in modules))
        for module in named:
            if not any(brought.root.glob(f"rtl/*/{module}.sv")):
                yield f"split: rtl/*/{module}.sv is not there"
        for label in split.paper.keys() - {*split.parts, REST}:
            yield f"split: {label} is published, and no part"


def own_lines(text: str) -> int:
    """Lines of a top behind its header that are its own: no pins of the socket."""
    lines = text.splitlines()
    header = next((at for at, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return sum(not PIN.fullmatch(line) for line in lines[header:])


@check
def short(brought: Brought) -> Iterator[str]:
    """The socket and the core are modules; the top joins them."""
    lines = own_lines(brought.text("rtl/{0}/lac_{0}.sv"))
    if lines > OWN_LINES:
        yield f"top: {brought.design.top} has {lines} lines of its own, allowed {OWN_LINES}"


@check
def page(brought: Brought) -> Iterator[str]:
    """The contract, ``rtl/<design>/README.md``: its sections, errors and counters."""
    text = brought.text("rtl/{}/README.md")
    sections = re.findall(r"^## (.*)", text, re.MULTILINE)
    for name in SECTIONS:
        if not any(name.lower() in one.lower() for one in sections):
            yield f"page: rtl/{brought.design.name}/README.md has no section {name}"
    for name in brought.design.error_codes:
        if not re.search(rf"\b{name}\b", text):
            yield f"page: error {name} is not in rtl/{brought.design.name}/README.md"
    own = (name for name, _ in brought.design.own_counters)
    for name in (*brought.design.counters, *own):
        if not re.search(rf"\b{name}\b", text):
            yield f"page: counter {name} is not in rtl/{brought.design.name}/README.md"


@check
def mutants(brought: Brought) -> Iterator[str]:
    """Enough breaks of each of its modules."""
    counts: Counter[str] = Counter()
    for path in brought.root.glob("tests/meta/mutants_*.toml"):
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            counts[one["file"]] += 1
    if not brought.path("tests/meta/mutants_{}.toml").is_file():
        yield f"mutants: there is no tests/meta/mutants_{brought.design.name}.toml"
    for path in sorted(brought.path("rtl/{}").glob("*.sv")):
        name = path.relative_to(brought.root).as_posix()
        is_module = re.search(rf"^\s*module\s+{path.stem}\b", path.read_text(), re.MULTILINE)
        if is_module and counts[name] < MUTANTS:
            yield f"mutants: {name} has {counts[name]}, need {MUTANTS}"


@check
def plan(brought: Brought) -> Iterator[str]:
    """A test plan with points of its own, and with those that every design has of every stage;
    ``test_testplans.py`` compares it with the tests."""
    name = f"tb/{brought.design.name}/testplan.toml"
    if not tomllib.loads(brought.text("tb/{}/testplan.toml")).get("point"):
        yield f"plan: {name} has no point of its own"
    stages = {point.get("stage") for _, _, point in read_plans(brought.path("tb/{}"))}
    for stage in STAGES:
        if stage not in stages:
            yield f"plan: {name} and {SHARED} have no point of stage {stage}"


@check
def interpreter(brought: Brought) -> Iterator[str]:
    """The contract as plain code beside the models, which the compiler's test uses."""
    name = brought.design.name
    text = brought.text("tests/models/{}_interpreter.py")
    if not text:
        yield f"interpreter: there is no tests/models/{name}_interpreter.py"
    if re.search(rf"models\.{name}\.(compiler|cycles|machine)\b", text):
        yield f"interpreter: tests/models/{name}_interpreter.py uses the model it is to judge"
    tests = brought.root.glob("tests/models/test_*.py")
    if text and not any(f"{name}_interpreter" in path.read_text() for path in tests):
        yield f"interpreter: no test in tests/models uses {name}_interpreter"


@check
def benches(brought: Brought) -> Iterator[str]:
    """Benches of the top, and of blocks."""
    design = brought.design
    known = discover(brought.root) if brought.benches is None else brought.benches
    for suffix, what in TOPS.items():
        bench = known.get(design.name + suffix)
        if bench is None:
            yield f"bench: {design.name}{suffix} ({what}) is missing"
        elif bench.top != design.top:
            yield f"bench: {bench.name} is of {bench.top}, need {design.top}"
        elif bench.folder != design.name:
            yield f"bench: {bench.name} is in tb/{bench.folder}, need tb/{design.name}"
    mine = [one for one in known.values() if one.folder == design.name and one.top != design.top]
    if not mine:
        yield f"bench: tb/{design.name} has none of a block"


@check
def coverage(brought: Brought) -> Iterator[str]:
    """Covergroups of its own, one of them with a bin for each of its errors and no other."""
    known = covergroups() if brought.groups is None else brought.groups
    groups = known.get(brought.design.name, ())
    if not groups:
        yield f"coverage: tb/{brought.design.name} declares no covergroups"
        return
    elsewhere = {
        one.name for folder, some in known.items() if folder != brought.design.name for one in some
    }
    for one in groups:
        if one.name in elsewhere:
            yield f"coverage: {one.name} is a covergroup of another folder, too"
    bins = [
        set(point.bins) - set(point.ignore)
        for group in groups
        if group.name.endswith("_error")
        for point in group.points
        if point.name == "code"
    ]
    want = {name.lower() for name in brought.design.error_codes}
    if not bins:
        yield "coverage: no covergroup *_error has a point code"
    elif odd := bins[0] ^ want:
        yield f"coverage: errors {', '.join(sorted(odd))} are not bins, or not its own"


@check
def waves(brought: Brought) -> Iterator[str]:
    """A hand-made list of signals for its waves."""
    path = brought.path("tb/{0}/lac_{0}.gtkw")
    if not path.is_file():
        yield f"waves: there is no tb/{brought.design.name}/{path.name}"
    elif f"{brought.design.top}." not in path.read_text(encoding="utf-8"):
        yield f"waves: {path.name} names no signal of {brought.design.top}"


@check
def workloads(brought: Brought) -> Iterator[str]:
    """Ways to run it; where its paper has layers, they are there and their facts are whole."""
    design = brought.design
    if not design.variants:
        yield "variants: there is none"
    for name, one in design.variants.items():
        if not isinstance(one.of(design.config()), design.config):
            yield f"variants: {name} makes no {design.config.__name__}"
    suite = design.suite
    if suite is None:
        return
    if suite.goal[0] and suite.goal[0] not in design.variants:
        yield f"suite: goal {suite.goal[0]!r} is no variant"
    for kind in ("quick", "studied"):
        for name in getattr(suite, kind):
            if name not in suite.layers:
                yield f"suite: {kind} has {name!r}, which is no layer of it"
