"""What ``make area`` measures: a line per configuration of a top, and every format block.

A top without its file in ``rtl/`` is passed over, so a line may stand here before the design does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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


def _array(size: int, bits: int = 16) -> dict[str, int]:
    sizes = {"Rows": size, "Cols": size}
    return sizes if bits == 16 else sizes | {"ActWidth": bits, "WgtWidth": bits}


#: (suffix, size, operand bits) of the arrays
ARRAYS = (("8x8", 8, 16), ("16x16", 16, 16), ("32x32", 32, 16), ("16x16_8bit", 16, 8))
#: WgtFormat of sparse_on_dense
FORMATS = {"csc": 0, "bitmap": 1, "nm": 2}

TOPS = (
    Config("eie", "4pe", {"NumPe": 4}),
    Config("eie", "64pe"),
    *(Config("dense", name, _array(size, bits)) for name, size, bits in ARRAYS),
    *(
        Config("sparse_on_dense", f"{short}_{name}", _array(size, bits) | {"WgtFormat": number})
        for short, number in FORMATS.items()
        for name, size, bits in ARRAYS
    ),
)

#: Small tops that are also synthesised in one netlist: what the boundaries cost. One EIE PE only:
#: flat, the codebooks of several PEs are found to be equal and merged.
FLAT = (
    Config("eie", "1pe", {"NumPe": 1, "ActRegs": 8}),
    Config("dense", "4x4_8bit", _array(4, 8)),
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
        if has_module(path) and path.stem != "lac_sram"
    ]


def tops(rtl: Path) -> list[Config]:
    """The configurations whose top exists."""
    return [one for one in TOPS if (rtl / one.design / f"{one.top}.sv").is_file()]


#: Small tops that `make lint` looks at in one piece, for loops that go through several modules.
CHECKED = (
    Config("eie", "2pe", {"NumPe": 2, "ActRegs": 4}),
    Config("dense", "4x4", _array(4)),
    *(
        Config("sparse_on_dense", f"{short}_4x4", _array(4) | {"WgtFormat": number, "NumUnits": 2})
        for short, number in FORMATS.items()
    ),
)
