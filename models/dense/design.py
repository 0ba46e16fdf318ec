"""The dense array as the tools see it."""

from __future__ import annotations

from models.array import design as array
from models.array.builds import array as sized
from models.array.dataflow import dataflow
from models.array.footprint import footprint_of
from models.array.slots import zero_operands
from models.dense.builds import BUILDS, SIZES
from models.dense.compiler import compile, unpack
from models.dense.config import DenseConfig
from models.dense.cycles import cycles
from models.dense.memories import memories
from models.dense.registers import REGISTERS
from models.dense.store import DENSE
from models.design import Design, GateBuild, PerGate
from models.layer import Layer
from models.program import Program


def footprint(layer: Layer, config: DenseConfig, program: Program) -> dict[str, int]:
    """Bits that a layer fills, by what they hold."""
    return footprint_of(layer, config, program, DENSE, memories(config))


DESIGN = Design(
    name="dense",
    number=2,
    title="Dense",
    words=array.words,
    config=DenseConfig,
    multipliers=lambda config: config.rows * config.cols,
    registers=REGISTERS,
    compile=compile,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    errors=array.ERRORS,
    counters=array.COUNTERS,
    accounts=array.SLOTS,
    causes=zero_operands,
    builds=BUILDS,
    sizes=SIZES,
    multiplies_all=True,
    checked={"4x4": sized(4)},
    flat={"4x4_8bit": sized(4, 8)},
    accounting=array.ACCOUNTING,
    per_gate=PerGate(
        builds=(GateBuild("dense 16x16"),),
        memory="The dense array keeps 16-bit weights.",
    ),
    colour="#9fb3c8",
    slots_text=array.SLOTS_TEXT,
)
