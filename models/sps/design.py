"""SPS as the tools see it."""

from __future__ import annotations

from models.array import design as array
from models.array.builds import array as sized
from models.design import Account, Design, GateBuild, Overhead, PerGate, Split
from models.sps.builds import BUILDS, SIZES
from models.sps.compiler import compile, unpack
from models.sps.config import SpsConfig
from models.sps.cycles import cycles
from models.sps.dataflow import dataflow
from models.sps.errors import SpsError
from models.sps.footprint import footprint
from models.sps.memories import memories
from models.sps.registers import REGISTERS
from models.sps.slots import tile_map, zero_operands

_STEP = Account("padding_step", "pattern is shorter", "#b9770e")


def _overhead(side: int) -> Overhead:
    """The index unit beside the array."""
    changes = {"rows": side, "cols": side}
    return Overhead("index unit", side, 1, 1, changes, ("lac_sps_index",), ("lac_array_mesh",))


DESIGN = Design(
    name="sps",
    number=5,
    title="SPS",
    words=array.words,
    config=SpsConfig,
    multipliers=lambda config: config.rows * config.cols,
    registers=REGISTERS,
    compile=compile,
    unpack=unpack,
    cycles=cycles,
    memories=memories,
    dataflow=dataflow,
    footprint=footprint,
    errors=array.ERRORS,
    own_errors={
        int(SpsError.WGT_RANGE): (
            "WGT_RANGE",
            "a tile's weights lie past the buffer; ERR_POS = number of the tile",
        ),
        int(SpsError.RESIDUE): (
            "RESIDUE",
            "a residue is not below the period; ERR_POS = {word[15:0], kind[7:0], row[7:0]}",
        ),
        int(SpsError.POSITION): (
            "POSITION",
            "a position past the table or outside the window; ERR_POS = place in the table",
        ),
    },
    counters=(*array.COUNTERS, "idx_reads", "idx_writes"),
    accounts=(*array.SLOTS[:2], _STEP, *array.SLOTS[2:]),
    causes=zero_operands,
    tile_map=tile_map,
    builds=BUILDS,
    sizes=SIZES,
    checked={"4x4": sized(4), "4x4_shared": sized(4) | {"RowOffsets": 0}},
    flat={"4x4_8bit": sized(4, 8)},
    accounting=array.ACCOUNTING,
    split=Split(
        "the core",
        "lac_sps_core",
        parts={
            "array": ("lac_array_mesh",),
            "index unit": ("lac_sps_index",),
            "addresses of the rows": ("lac_sps_agen", "lac_sps_row"),
            "sums": ("lac_array_sums",),
            "results": ("lac_array_out",),
        },
        note=(
            "Index unit: walk over the tiles, patterns, the offset of a row a cycle; its tables of "
            "positions and residues are memories. Addresses: origin of the pixels, border, and in "
            "each row an offset with its adder, in place of the dense array's skew."
        ),
    ),
    per_gate=PerGate(
        builds=(GateBuild("SPS 16x16"), GateBuild("SPS 16x16, one offset", {"row_offsets": 0})),
        memory="SPS keeps the weights of its patterns, 16 bits each, and the patterns.",
        overheads=tuple(_overhead(side) for side in (8, 16, 32)),
    ),
    colour="#7b6fb0",
    slots_text=(
        f"{array.SLOTS_TEXT} SPS runs as many steps as the longest pattern of a tile has "
        "positions: rows with a shorter one multiply by zero in the last of them."
    ),
)
