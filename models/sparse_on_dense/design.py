"""Sparse-on-Dense as the tools see it."""

from __future__ import annotations

from itertools import product

from models.array import design as array
from models.array.builds import array as sized
from models.array.dataflow import dataflow as of_the_array
from models.array.footprint import footprint_of
from models.array.slots import zero_operands
from models.dataflow import Dataflow
from models.design import Design, DocTable, GateBuild, Overhead, PerGate
from models.layer import Layer
from models.program import Program
from models.socket import ErrorCode
from models.sparse_on_dense import stalls
from models.sparse_on_dense.builds import BUILDS, SIZES
from models.sparse_on_dense.compiler import compile, unpack
from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat
from models.sparse_on_dense.cycles import cycles
from models.sparse_on_dense.memories import memories
from models.sparse_on_dense.registers import REGISTERS
from models.sparse_on_dense.store import SPARSE_ON_DENSE

#: (format, its number, units, lanes) whose cost is stated for each side of an array.
_UNITS = (
    ("CSC", WgtFormat.CSC, 4, 1),
    ("CSC", WgtFormat.CSC, 8, 1),
    ("bitmap", WgtFormat.BITMAP, 1, 4),
    ("bitmap", WgtFormat.BITMAP, 4, 4),
    ("2:4", WgtFormat.NM, 1, 4),
)
_SIDES = (8, 16, 32)


def footprint(layer: Layer, config: SparseOnDenseConfig, program: Program) -> dict[str, int]:
    """Bits that a layer fills, by what they hold."""
    return footprint_of(layer, config, program, SPARSE_ON_DENSE, memories(config))


#: Formats of the rows and columns of a tile, and of what says where a weight is.
_RANKS = {
    WgtFormat.CSC: (("C0", "UOP"), ("K0", "CP")),
    WgtFormat.BITMAP: (("C0", "U"), ("K0", "B")),
    WgtFormat.NM: (("C0", "U"), ("K0", "CP")),
}
_OUTER = (("K1", "U"), ("R", "U"), ("S", "U"), ("C1", "U"))


def dataflow(config: SparseOnDenseConfig) -> Dataflow:
    """That of the array; weights are compressed until they enter it, and zeros take their slots."""
    kind = WgtFormat(config.wgt_format)
    index = {
        WgtFormat.CSC: (config.cols - 1).bit_length(),
        WgtFormat.BITMAP: 1,
        WgtFormat.NM: (config.group_m - 1).bit_length(),
    }
    return of_the_array(config, (*_OUTER, *_RANKS[kind]), index[kind])


def _overhead(side: int, kind: str, number: int, units: int, lanes: int) -> Overhead:
    changes = {"rows": side, "cols": side, "wgt_format": int(number), "num_units": units}
    return Overhead(
        kind,
        side,
        units,
        lanes,
        changes | {"num_lanes": lanes},
        modules=("lac_sod_unit",),
        beside=("lac_array_mesh", "lac_array_skew"),
    )


DESIGN = Design(
    name="sparse_on_dense",
    number=3,
    title="Sparse-on-Dense",
    words=array.words,
    config=SparseOnDenseConfig,
    multipliers=lambda config: config.rows * config.cols,
    registers=REGISTERS,
    compile=compile,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    footprint=footprint,
    dataflow=dataflow,
    errors=(*array.ERRORS, ErrorCode.WGT_FORMAT),
    counters=array.COUNTERS,
    accounts=array.SLOTS,
    causes=zero_operands,
    builds=BUILDS,
    sizes=SIZES,
    multiplies_all=True,
    checked={
        f"{kind.name.lower()}_4x4": sized(4) | {"WgtFormat": int(kind), "NumUnits": 2}
        for kind in WgtFormat
    },
    accounting=array.ACCOUNTING,
    per_gate=PerGate(
        builds=(
            GateBuild("Sparse-on-Dense 16x16, CSC"),
            GateBuild("Sparse-on-Dense 16x16, bitmap", {"wgt_format": 1, "num_lanes": 4}),
        ),
        memory="Sparse-on-Dense keeps what its format leaves of 16-bit weights.",
        overheads=tuple(_overhead(side, *unit) for side, unit in product(_SIDES, _UNITS)),
        claims=("eie",),
        claim=(
            "The paper says up to 11.9 times a sparse accelerator; it does not say which "
            "accelerator, layer, densities or technology that is, so the figures stand beside each "
            "other, not against each other."
        ),
    ),
    colour="#2a7f62",
    slots_text=array.SLOTS_TEXT,
    tables={"stalls": DocTable(stalls.head(), stalls.rows)},
)
