"""Energy estimate from counters: a table of energies per operation and access, scaled by size.

An estimate for comparing designs on the same layers, not a power report: control, clock, wires and
leakage are left out. Rules, each from the figure in ``energy.toml`` on:

- multiplication: with the product of the operand widths (partial products of an array multiplier);
- addition: with the width of the sum;
- memory access: with the bits moved, and with the square root of the capacity of the bank (the
  length of its word and bit lines);
- DRAM: with the bits moved.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from models.memories import Memory
from models.npz import shown

TABLE = Path(__file__).with_name("energy.toml")
_ROOT = TABLE.parent.parent
#: Any number of a table lies between these: what is computed from them stays finite.
_LEAST, _MOST = 1e-9, 1e12
_FIELDS = {
    "operation": ("width", "add", "multiply"),
    "sram": ("width", "bits", "access"),
    "dram": ("width", "access"),
}


@dataclass(frozen=True)
class EnergyTable:
    """Energies in pJ; see ``energy.toml`` for the fields. ``file``: where they were read.

    >>> table = EnergyTable.load()
    >>> table.multiply(32, 32), table.sram(Memory(width=32, depth=8192)), table.dram(64)
    (3.1, 5.0, 1280.0)
    >>> table.sram(Memory(width=32, depth=4 * 8192)), table.sram(Memory(width=16, depth=2 * 8192))
    (10.0, 2.5)
    >>> table.multiply(16, 8) / table.multiply(16, 16), table.add(16)
    (0.5, 0.05)
    >>> table.label
    'models/energy.toml: EIE, ISCA 2016, table I (45 nm)'
    """

    source: str
    operation: Mapping[str, float]
    sram_access: Mapping[str, float]
    dram_access: Mapping[str, float]
    file: str = ""

    @classmethod
    def load(cls, path: Path = TABLE) -> EnergyTable:
        """Read a table; ValueError naming file, field, what was found and what is allowed."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            _check(data)
        except (ValueError, RecursionError) as error:  # of the encoding and of the syntax, too
            raise ValueError(f"{path}: {shown(str(error), 300)}") from error
        full = path.resolve()
        file = full.relative_to(_ROOT).as_posix() if full.is_relative_to(_ROOT) else str(path)
        source = data.get("source", "")
        return cls(source, data["operation"], data["sram"], data["dram"], file)

    @property
    def label(self) -> str:
        """File and source, for captions."""
        return ": ".join(filter(None, (self.file, self.source)))

    def multiply(self, first: int, second: int) -> float:
        """pJ of a multiplication of operands of so many bits."""
        return self.operation["multiply"] * first * second / self.operation["width"] ** 2

    def add(self, width: int) -> float:
        """pJ of an addition whose sum has ``width`` bits."""
        return self.operation["add"] * width / self.operation["width"]

    def sram(self, memory: Memory) -> float:
        """pJ of one counted access."""
        given = self.sram_access
        size = sqrt(memory.bank_bits / given["bits"])
        return given["access"] * memory.width / given["width"] * size

    def dram(self, bits: float) -> float:
        """pJ of moving so many bits."""
        return self.dram_access["access"] * bits / self.dram_access["width"]


def _check(data: Mapping[str, Any]) -> None:
    """ValueError naming field, value and what is allowed."""
    known = ("source", *_FIELDS)
    for name in data:
        if name not in known:
            raise ValueError(f"{name}: found an unknown key, known: {', '.join(known)}")
    if not isinstance(data.get("source", ""), str):
        raise ValueError(f"source: found {data['source']!r}, need text")
    for part, names in _FIELDS.items():
        values = data.get(part)
        if not isinstance(values, dict):
            found = "nothing" if values is None else repr(values)
            raise ValueError(f"{part}: found {found}, need a table of {', '.join(names)}")
        for name in values:
            if name not in names:
                raise ValueError(f"{part}.{name}: found an unknown key, known: {', '.join(names)}")
        for name in names:
            value = values.get(name)
            number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
            if not _LEAST <= number <= _MOST:
                found = "nothing" if value is None else repr(value)
                raise ValueError(
                    f"{part}.{name}: found {found}, need a number above 0 ({_LEAST:g} to {_MOST:g})"
                )


def energy(
    counters: Mapping[str, int],
    kinds: Mapping[str, Memory],
    widths: tuple[int, int, int],
    multiplies: int,
    dram_bits: float,
    table: EnergyTable,
) -> dict[str, float]:
    """pJ by cause: mac, one per class of memory, dram.

    widths      of activation, weight and accumulator, bits
    multiplies  that the hardware executes: a design that does not skip zeros pays for them
    dram_bits   words on the streams
    """
    act, wgt, acc = widths
    found = {"mac": multiplies * (table.multiply(act, wgt) + table.add(acc))}
    for name, memory in kinds.items():
        accesses = counters[f"{name}_reads"] + counters[f"{name}_writes"]
        found[name] = accesses * table.sram(memory)
    found["dram"] = table.dram(dram_bits)
    return found
