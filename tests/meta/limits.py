"""The limits of RTL parameters as the headers of the modules state them, and values around them.

A header has a block ``// Parameters:`` with one line per parameter::

    //   NumPe      1..256, a power of two
    //   DataWidth  64
    //   Magic      any

(or, for a module that only hands its parameters on, ``// Parameters: those of lac_x, ...``: then it
has the same ones with the same defaults, and the limits and checks are those of that module; or
``// Parameters: those of lac_x and lac_y`` with lines for others below: those of either are handed
on to it, which checks them),

and the module a ``LAC_PARAM`` or ``LAC_PARAM_RULE`` (``lac_assert.svh``) with the same limits, text
and, in SystemVerilog, the rule that the text stands for. Limits may name other parameters.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

from models.places import ROOT
from tb.common.sim.bench import discover
from tb.common.sim.sources import small

Values = dict[str, int]


@dataclass(frozen=True)
class Limit:
    """Limits of one parameter; ``rule`` is SystemVerilog, ``text`` the same in words."""

    name: str
    low: str
    high: str
    text: str = ""
    rule: str = ""

    def bounds(self, values: Mapping[str, int]) -> tuple[int, int]:
        """(lowest, highest) beside the other values."""
        return evaluate(self.low, values), evaluate(self.high, values)

    def allows(self, values: Mapping[str, int]) -> bool:
        """Whether the value of the parameter is allowed beside the others."""
        low, high = self.bounds(values)
        in_range = low <= values[self.name] <= high
        return in_range and (not self.rule or bool(evaluate(self.rule, values)))

    def message(self, module: str, values: Mapping[str, int]) -> str:
        """What a tool says when it does not."""
        low, high = self.bounds(values)
        rest = f", {self.text}" if self.text else ""
        return f"{module}: {self.name}={values[self.name]}, must be {low}..{high}{rest}"


@dataclass
class Module:
    """What a module says of its parameters, in its header (``stated``) and in its checks."""

    name: str
    path: Path
    defaults: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    stated: dict[str, Limit | None] = field(default_factory=dict)  # None: any value
    checks: dict[str, Limit] = field(default_factory=dict)
    #: the module that its parameters are handed on to, which checks them; itself if nobody
    checker: str = ""
    #: parameters of other modules that are not handed on to them: name -> module
    kept: dict[str, str] = field(default_factory=dict)
    #: those that are, and are checked there
    shared: set[str] = field(default_factory=set)

    def base(self) -> Values:
        """Small legal values: those of the first bench of the module, else of the small build of
        its header, else the defaults; of a grid one PE, as every build costs as much again."""
        values = {n: v for n, v in self.full({}).items() if n in self.checks} | small(self.path)
        benches = [bench for bench in discover().values() if bench.top == self.name]
        if benches:
            values |= benches[0].configs[next(iter(benches[0].configs))]
        values |= {name: 1 for name in ("PeX", "PeY") if name in values}
        return self.repaired(values, keep=())

    def full(self, values: Mapping[str, int]) -> Values:
        """The values with what the header derives from them."""
        full = dict(values)
        for name, expression in (self.defaults | self.derived).items():
            if name not in full:
                full[name] = evaluate(expression, full)
        return full

    def allowed(self, name: str, values: Mapping[str, int]) -> bool:
        """Whether a parameter may have its value."""
        return self.checks[name].allows(self.full(values))

    def repaired(self, values: Mapping[str, int], keep: tuple[str, ...]) -> Values:
        """The nearest values, but for those to keep, with which nothing is out of range."""
        values = dict(values)
        for _ in range(4):
            for name in [n for n in self.checks if n not in keep and not self.allowed(n, values)]:
                near = self.candidates(name, values)
                at = values[name]
                near = sorted(near, key=lambda v: abs(v - at))
                good = (v for v in near if self.allowed(name, {**values, name: v}))
                values[name] = next(good, values[name])
        return values

    def candidates(self, name: str, values: Mapping[str, int]) -> list[int]:
        """Values from one limit of a parameter to the other: all, or those near the limits."""
        low, high = self.checks[name].bounds(self.full(values))
        near = {*range(low, min(high, low + 40) + 1), *range(max(low, high - 40), high + 1)}
        return sorted(near | {1 << i for i in range(32) if low <= 1 << i <= high})

    def beyond(self) -> Iterator[tuple[str, Values]]:
        """(parameter, values): one below, one above, and one that breaks the rule, if there is."""
        base = self.base()
        for name, limit in self.checks.items():
            low, high = limit.bounds(self.full(base))
            yield name, base | {name: low - 1}
            yield name, base | {name: high + 1}
            if limit.rule:
                yield name, self.breaking(name, base)

    def breaking(self, name: str, base: Values) -> Values:
        """Values with the parameter within its limits, its rule broken."""
        contexts = [base]
        ends = {o: self.candidates(o, base) for o in self.checks if o != name}
        contexts += [base | {o: v} for o, values in ends.items() for v in values[::8]]
        contexts += [base | {o: 1} for o, limit in self.stated.items() if limit is None]
        pairs = itertools.combinations(ends, 2)
        corners = (
            base | {a: ends[a][i], b: ends[b][j]}
            for a, b in pairs
            for i in (0, -1)
            for j in (0, -1)
        )
        for context in itertools.chain(contexts, corners):
            for value in self.candidates(name, context)[:40] + self.candidates(name, context)[-1:]:
                if not self.allowed(name, trial := context | {name: value}):
                    return trial
        raise AssertionError(f"{self.name}: nothing breaks {name}: {self.checks[name].text}")

    def at_limits(self) -> Iterator[tuple[str, Values]]:
        """(parameter, values): the lowest and the highest that are allowed."""
        base = self.base()
        for name in self.checks:
            values = self.candidates(name, base)
            for way in (values, values[::-1]):
                found = next(v for v in way if self.fits(name, v, base))
                yield name, self.repaired(base | {name: found}, keep=(name,))

    def fits(self, name: str, value: int, base: Values) -> bool:
        """Whether there is a legal build with this value."""
        values = self.repaired(base | {name: value}, keep=(name,))
        return all(self.allowed(one, values) for one in self.checks)


def evaluate(expression: str, values: Mapping[str, int]) -> int:
    """A constant SystemVerilog expression over the values, in the subset that limits use."""
    return int(eval(_compiled(expression.strip()), _FUNCTIONS, values))


def _clog2(value: int) -> int:
    return max(value - 1, 0).bit_length()


#: What an expression may call.
_FUNCTIONS = {
    "__builtins__": {},
    "clog2": _clog2,
    "index_bits": lambda count: max(1, _clog2(count)),
    # of lac_fmt_pkg
    "inner_words": lambda inner, entry, word: 1 + (inner == 1 or (inner == 2 and entry > word)),
}


@functools.cache
def _compiled(expression: str) -> CodeType:
    """The expression as Python code."""
    text = re.sub(r"\d*'[bB]([01]+)", r"\1", expression)
    text = re.sub(r"\d+'[dD](\d+)", r"\1", text)
    text = re.sub(r"(.+?) \? (.+?) : (.+)", r"(\2) if (\1) else (\3)", text)
    text = text.replace("$clog2", "clog2").replace("`LAC_INDEX_BITS", "index_bits")
    text = text.replace("||", " or ").replace("&&", " and ")
    text = re.sub(r"!(?!=)", " not ", text).replace("/", "//")
    return compile(text.strip(), expression, "eval")


def arguments(text: str) -> tuple[list[str], int]:
    """Arguments of a macro call from behind its parenthesis on, and where it ends."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        quoted ^= char == '"'
        depth += not quoted and char == "("
        if not quoted and depth == 0 and char in ",)":
            parts.append(" ".join(text[start:at].split()))
            start = at + 1
            if char == ")":
                return parts, at
        depth -= not quoted and char == ")"
    raise ValueError(f"a macro call does not end: {text[:60]!r}")


def parse(path: Path) -> Module:
    """What a module states and checks; ValueError where a line cannot be read."""
    text = path.read_text(encoding="utf-8")
    begin = text.index(f"\nmodule {path.stem}")
    module = Module(path.stem, path)
    head = text[begin : text.index("\n);", begin)]
    parameter = (
        r"\b(parameter|localparam)\s+(?:(?:int|bit|logic\s*\[31:0\])\s+)(\w+)\s*=\s*([^\n]*)"
    )
    for kind, name, value in re.findall(parameter, head):
        plain = value.split("//")[0].strip().rstrip(",")
        (module.defaults if kind == "parameter" else module.derived)[name] = plain
    body = text[begin:]
    block = _shared(module, text[:begin], body)
    for line in block.splitlines():
        found = re.fullmatch(r"//   (\w+) +(\S.*)", line)
        if not found:
            break
        module.stated[found[1]] = _limit(found[1], found[2])
    for call in re.finditer(r"`LAC_PARAM(?:_RULE)?\(", text[begin:]):
        parts, _ = arguments(text[begin + call.end() :])
        owner, name, low, high, *rule = parts
        if owner != path.stem or name in module.checks or len(rule) not in (0, 2):
            raise ValueError(f"{path.name}: check of {owner}, {name}: wrong module, twice, or cut")
        words = {"rule": rule[0], "text": rule[1].strip('"')} if rule else {}
        module.checks[name] = Limit(name, low, high, **words)
    return module


def _shared(module: Module, header: str, body: str) -> str:
    """Enter what the header says of parameters of other modules; the lines of its own ones."""
    line, _, block = header.partition("// Parameters:")[2].partition("\n")
    others = [parse(module.path.with_name(f"{n}.sv")) for n in re.findall(r"\blac_\w+", line)]
    for other in others:
        instance = re.search(rf"\b{other.name} #\((.*?)\n +\) u_\w+ \(", body, re.DOTALL)
        pairs = re.findall(r"\.(\w+)\((\w+)\)", instance[1]) if instance else []
        handed = {name for name, value in pairs if name == value}
        module.kept |= dict.fromkeys(other.defaults.keys() - handed, other.name)
        module.stated |= other.stated
        differ = {n: v for n, v in other.defaults.items() if module.defaults.get(n) != v}
        whole = len(others) == 1 and not block.startswith("//   ")
        if differ or (whole and module.defaults != other.defaults):
            raise ValueError(f"{module.path.name}: its parameters are not those of {other.name}")
        if whole:
            module.checks, module.checker = other.checks, other.checker or other.name
        else:
            module.shared |= other.stated.keys()
    return block


def _limit(name: str, text: str) -> Limit | None:
    if text == "any":
        return None
    bounds, _, words = text.partition(", ")
    low, dots, high = bounds.partition("..")
    return Limit(name, low, high if dots else low, words)


def modules(rtl: Path = ROOT / "rtl") -> list[Module]:
    """All modules of the RTL, packages left out."""
    files = sorted(path for path in rtl.glob("*/lac_*.sv") if not path.stem.endswith("_pkg"))
    return [parse(path) for path in files]


def disagreements(module: Module) -> list[str]:
    """Where declaration, header and checks of a module differ."""
    wrong = [f"{n}: no line under Parameters" for n in module.defaults if n not in module.stated]
    wrong += [f"{n}: not handed on to {one}" for n, one in sorted(module.kept.items())]
    for name, limit in module.stated.items():
        check = module.checks.get(name)
        if name not in module.defaults:
            wrong.append(f"{name}: stated, but no parameter")
        elif name in module.shared:
            continue  # checked where it is handed on to
        elif limit is None:
            wrong += [f"{name}: any value, but checked"] if check else []
        elif check is None:
            wrong.append(f"{name}: not checked")
        else:
            said = (limit.low, limit.high, limit.text)
            done = (check.low, check.high, check.text)
            wrong += [f"{name}: header {said}, check {done}"] if said != done else []
    return [f"{module.name}: {text}" for text in wrong]
