"""What ``CONFIG=`` can be: named configurations, and changes of parameters, checked by name.

One vocabulary for all that builds RTL (``make sim``, ``waves``, ``regress``, ``cov``, ``run``,
``bench``, ``area``): ``name``, ``parameter=value,...``, or both, ``name,parameter=value,...``.

- A name is one of the bench's own configurations; for an accelerator, also one of its full-size
  builds (``models/<design>/builds.py``) or one of its bench's.
- A parameter may be spelled as in the RTL (``NumPe``) or in the models (``num_pe``); it must be one
  that the top has. Names come from the RTL itself, ranges of an accelerator from its configuration
  class; both are checked before anything is built.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from models import names, registry
from models.places import ROOT

B = TypeVar("B", bound="Built")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


class Built(Protocol):
    """What is asked here of a bench (``bench.Bench``)."""

    @property
    def name(self) -> str: ...
    @property
    def top(self) -> str: ...
    @property
    def rtl(self) -> tuple[str, ...]: ...
    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def configs(self) -> Mapping[str, Mapping[str, int]]: ...

    def parameters(self, config: str | Mapping[str, int]) -> dict[str, int]:
        """RTL parameters of a configuration."""


@functools.lru_cache(maxsize=256)
def declared(path: Path, module: str) -> tuple[str, ...]:
    """Names of the parameters of a module, in order, from its header in a SystemVerilog file.

    Raises:
        ValueError: the file does not hold that module.
    """
    text = _COMMENT.sub(" ", path.read_text(encoding="utf-8"))
    head = re.search(rf"\bmodule\s+{re.escape(module)}\b(?:\s*import\b[^;]*;)*\s*", text)
    if head is None:
        raise ValueError(f"{path} holds no module {module}")
    rest = text[head.end() :]
    if not rest.startswith("#"):
        return ()
    found, keyword = [], "parameter"
    for part in _parts(rest[rest.index("(") :]):
        words = re.findall(r"[A-Za-z_]\w*", part.split("=")[0])
        keyword = words[0] if words and words[0] in ("parameter", "localparam") else keyword
        if words and keyword == "parameter":
            found.append(words[-1])
    return tuple(found)


def _parts(text: str) -> list[str]:
    """What stands between the commas of a bracket that ``text`` begins with."""
    depth, parts, part = 0, [], ""
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if not depth:
            break
        if letter == "," and depth == 1:
            parts.append(part)
            part = ""
        elif part or depth > 1 or letter != "(":
            part += letter
    return [*parts, part]


def parameters_of(bench: Built) -> tuple[str, ...]:
    """Names of the parameters that a bench's top has."""
    files = [ROOT / source for source in bench.sources]
    files += [ROOT / "rtl" / folder / f"{bench.top}.sv" for folder in ("common", *bench.rtl)]
    for path in files:
        if path.stem == bench.top and path.is_file():
            return declared(path, bench.top)
    raise ValueError(f"bench {bench.name}: no file {bench.top}.sv in its folders and sources")


def design_of(bench: Built) -> str:
    """The accelerator whose top a bench simulates, "" for a block."""
    name = bench.top.removeprefix("lac_")
    return name if name in registry.DESIGNS and bench.top == f"lac_{name}" else ""


def named(bench: Built) -> dict[str, Mapping[str, int]]:
    """Everything that ``CONFIG=`` can name on a bench, its own configurations first."""
    found: dict[str, Mapping[str, int]] = dict(bench.configs)
    if design := design_of(bench):
        for name, parameters in builds(design).items():
            found.setdefault(name, parameters)
    return found


def builds(design: str) -> dict[str, Mapping[str, int]]:
    """Named builds of an accelerator: full-size ones, then those of the bench called like it."""
    found: dict[str, Mapping[str, int]] = dict(registry.design(design).builds)
    if (ROOT / "tb" / design / "benches.py").is_file():
        for bench in importlib.import_module(f"tb.{design}.benches").BENCHES:
            for name, parameters in bench.configs.items() if bench.name == design else ():
                found.setdefault(name, parameters)
    return found


def build(design: str, config: str) -> tuple[str, dict[str, int]]:
    """A build of an accelerator: its name as ``CONFIG=`` takes it, and its parameters.

    Without a name, changes are those of ``default``, the full-size machine.

    Raises:
        ValueError: no such build or parameter, or a value that the accelerator cannot have.
    """
    name, changes = names.settings(config)
    name = registry.design(design).old_names.get(name, name) or "default"
    known: Mapping[str, Mapping[str, int]] = registry.design(design).builds
    if name not in known:
        known = builds(design)
    name = names.chosen(name, known, design, {})
    top = ROOT / "rtl" / design / f"lac_{design}.sv"
    changes = names.respelled(changes, declared(top, top.stem), top.stem)
    parameters = dict(known[name]) | changes
    check_range(design, parameters)
    label = ",".join([name, *(f"{k}={v}" for k, v in sorted(changes.items()))])
    return label, parameters


def resolve(bench: Built, config: str) -> tuple[str, dict[str, int], dict[str, int]]:
    """A configuration's name, the parameters of that name, and the changes to them.

    Without a name, the changes are those of the bench's first configuration.

    Raises:
        ValueError: no such configuration or parameter, or a value that the top cannot hold.
    """
    name, changes = names.settings(config)
    design = design_of(bench)
    old = registry.design(design).old_names if design else {}
    if not name:
        name = next(iter(bench.configs))
    elif name not in bench.configs:
        name = names.chosen(name, named(bench), bench.name, old)
    base = bench.configs.get(name)
    base = dict(named(bench)[name] if base is None else base)
    if not changes:
        return name, base, {}
    changes = names.respelled(changes, parameters_of(bench), bench.top)
    if design:
        check_range(design, base | changes)
    return name, base, changes


def with_config(benches: Sequence[B], config: str) -> list[B]:
    """The benches that have a configuration; ValueError that names what there is if none has."""
    kept, why = [], ""
    for bench in benches:
        try:
            bench.parameters(config)
        except ValueError as error:
            why = why or str(error)
        else:
            kept.append(bench)
    name = names.settings(config)[0]
    if not kept and len(benches) > 1 and name:
        known = dict.fromkeys(one for bench in benches for one in named(bench))
        if name not in known:
            raise ValueError(names.unknown("config", name, known))
    if not kept:
        raise ValueError(why or "config: no bench was chosen")
    return kept


def check_range(design: str, parameters: Mapping[str, int]) -> None:
    """Raise ValueError on a value that an accelerator cannot be built with."""
    kind: Any = registry.design(design).config
    fields = names.respelled(parameters, kind.__dataclass_fields__, f"lac_{design}")
    try:
        kind(**fields)
    except ValueError as error:
        raise ValueError(f"config: lac_{design}: {error}") from None


def check_names(bench: Built, parameters: Mapping[str, int]) -> None:
    """Raise ValueError on a parameter that a bench's top has not (Icarus ignores those)."""
    if parameters:
        known = parameters_of(bench)
        for name in parameters:
            if name not in known:
                raise ValueError(names.unknown(f"config: {bench.top}", name, known))
