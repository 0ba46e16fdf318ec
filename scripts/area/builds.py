"""What ``make area`` measures: a line per configuration of a top, and every format block.

A top without its file in ``rtl/`` is passed over, so a line may stand here before the design does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models import names, registry
from scripts.area.yosys import MEMORIES
from tb.common.sim import configs


@dataclass(frozen=True)
class Config:
    """A top with parameters (those not given have their defaults), under a short name."""

    design: str
    name: str
    parameters: Mapping[str, int] = field(default_factory=dict)

    @property
    def top(self) -> str:
        """The module."""
        return f"lac_{self.design}"


#: The full-size builds of every accelerator; ``default`` is one of them under another name.
TOPS = tuple(
    Config(design.name, name, design.builds[name])
    for design in registry.every()
    for name in design.measured or design.builds
    if name != "default"
)


def asked(design: str | None, config: str | None) -> list[Config]:
    """Builds by what ``DESIGN=`` and ``CONFIG=`` say, of each design that has such a build.

    ``config`` is a named build, changes of parameters, or both (``tb/common/sim/configs.py``).

    Raises:
        ValueError: no such design, build or parameter, or a value that it cannot be built with.
    """
    designs = list(registry.DESIGNS) if design is None else [design]
    for name in designs:
        registry.design(name)
    if config is None:
        return [one for one in TOPS if one.design in designs]
    found, why = [], ""
    for name in designs:
        try:
            label, parameters = configs.build(name, config)
        except ValueError as error:
            why = why or str(error)
        else:
            found.append(Config(name, label, parameters))
    if not found:
        name = names.settings(config)[0]
        known = dict.fromkeys(one for design in designs for one in configs.builds(design))
        raise ValueError(names.unknown("config", name, known) if len(designs) > 1 and name else why)
    return found


#: Small tops that are also synthesised in one netlist: what the boundaries cost.
FLAT = tuple(
    Config(design.name, name, parameters)
    for design in registry.every()
    for name, parameters in design.flat.items()
)


def has_module(path: Path) -> bool:
    """Whether a file holds the module it is named after."""
    text = path.read_text(encoding="utf-8")
    return re.search(rf"^\s*module\s+{path.stem}\b", text, re.MULTILINE) is not None


def blocks(rtl: Path) -> list[Config]:
    """Every decoder, encoder and common block with its default parameters."""
    found = [*rtl.glob("formats/*_dec.sv"), *rtl.glob("formats/*_enc.sv"), *rtl.glob("common/*.sv")]
    return [
        Config(path.parent.name, path.stem)
        for path in sorted(found)
        if has_module(path) and path.stem not in (*MEMORIES, "lac_clk_gate")
    ]


def existing(wanted: Sequence[Config], rtl: Path) -> list[Config]:
    """The configurations whose top exists."""
    return [one for one in wanted if (rtl / one.design / f"{one.top}.sv").is_file()]


#: Small tops that `make lint` looks at in one piece, for loops that go through several modules.
CHECKED = tuple(
    Config(design.name, name, parameters)
    for design in registry.every()
    for name, parameters in design.checked.items()
)
