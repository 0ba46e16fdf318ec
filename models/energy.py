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

from models.memories import Memory

TABLE = Path(__file__).with_name("energy.toml")
_FIELDS = {
    "operation": ("width", "add", "multiply"),
    "sram": ("width", "bits", "access"),
    "dram": ("width", "access"),
}


@dataclass(frozen=True)
class EnergyTable:
    """Energies in pJ; see ``energy.toml`` for the fields.

    >>> table = EnergyTable.load()
    >>> table.multiply(32, 32), table.sram(Memory(width=32, depth=8192)), table.dram(64)
    (3.1, 5.0, 1280.0)
    >>> table.sram(Memory(width=32, depth=4 * 8192)), table.sram(Memory(width=16, depth=2 * 8192))
    (10.0, 2.5)
    >>> table.multiply(16, 8) / table.multiply(16, 16), table.add(16)
    (0.5, 0.05)
    """

    source: str
    operation: Mapping[str, float]
    sram_access: Mapping[str, float]
    dram_access: Mapping[str, float]

    @classmethod
    def load(cls, path: Path = TABLE) -> EnergyTable:
        """Read a table; ValueError naming file, field and what is allowed."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path}: {error}") from error
        for part, names in _FIELDS.items():
            for name in names:
                value = data.get(part, {}).get(name)
                if not isinstance(value, int | float) or value <= 0:
                    raise ValueError(f"{path}: {part}.{name}: found {value}, need a number above 0")
        return cls(str(data.get("source", path)), data["operation"], data["sram"], data["dram"])

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
