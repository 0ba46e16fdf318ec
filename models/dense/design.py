"""The dense array as the tools see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.array import design as array
from models.array.builds import array as sized
from models.array.dataflow import dataflow as of_the_array
from models.array.footprint import footprint_of
from models.array.problem import problem_of
from models.array.slots import of_tiles
from models.dataflow import Action, Dataflow
from models.dense.builds import BUILDS, SIZES
from models.dense.compiler import compile, unpack
from models.dense.config import DenseConfig
from models.dense.cycles import cycles
from models.dense.memories import memories
from models.dense.registers import REGISTERS
from models.dense.select import spread
from models.dense.store import DENSE
from models.design import Design, GateBuild, PerGate
from models.layer import Layer
from models.program import Program


def footprint(layer: Layer, config: DenseConfig, program: Program) -> dict[str, int]:
    """Bits that a layer fills, by what they hold."""
    return footprint_of(layer, config, program, DENSE, memories(config))


def words(config: Mapping[str, Any]) -> list[str]:
    """A build in a few words.

    >>> words({"rows": 8, "cols": 16, "group_n": 2, "group_m": 4})
    ['8 x 16 PEs', '2:4 of the inputs']
    """
    group = config.get("group_n", 1), config.get("group_m", 1)
    chosen = [f"{group[0]}:{group[1]} of the inputs"] if group[1] > 1 else []
    return [*array.words(config), *chosen]


def dataflow(config: DenseConfig) -> Dataflow:
    """That of the array; weights that choose among inputs skip the channels that they leave out."""
    if config.group_m == 1:
        return of_the_array(config)
    ranks = (("K1", "U"), ("R", "U"), ("S", "U"), ("C1", "U"), ("C0", "CP"), ("K0", "U"))
    position = config.kept_width - config.wgt_width
    skips = (Action("skipping", "Inputs", ("Weights",)),)
    return of_the_array(config, ranks, position, actions=skips)


def causes(layer: Layer, config: DenseConfig, useful: int) -> dict[str, dict[str, int]]:
    """Slots by account and cause, as ``models.array.slots``."""
    n, m = config.choice
    low = spread(problem_of(layer), n, m)
    there = low.weights.size // m * n
    return of_tiles(low, config, useful, there)


DESIGN = Design(
    name="dense",
    number=2,
    title="Dense",
    words=words,
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
    causes=causes,
    builds=BUILDS,
    sizes=SIZES,
    multiplies_all=True,
    checked={"4x4": sized(4), "4x4_2of4": sized(4) | {"GroupN": 2, "GroupM": 4}},
    flat={"4x4_8bit": sized(4, 8)},
    accounting=array.ACCOUNTING,
    per_gate=PerGate(
        builds=(GateBuild("dense 16x16"),),
        memory="The dense array keeps 16-bit weights.",
    ),
    colour="#9fb3c8",
    slots_text=array.SLOTS_TEXT,
)
