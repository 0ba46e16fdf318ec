"""Fields of the CFG and CAP registers of ``rtl/flexflow_pro``.

Made by ``python -m scripts.registers`` from ``rtl/flexflow_pro/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.registers import Field, Limit, RegisterMap, Rule


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    WEIGHT = 1
    BIAS = 2


class Cfg(IntEnum):
    """CFG registers."""

    MODE = 0
    PLANE = 1
    WINDOW = 2
    SLICE = 3
    THRESHOLD = 4
    SHIFT = 5


class Mode(IntEnum):
    """Bits of the MODE register."""

    LOAD_WGT = 1 << 0
    LOAD_ACT = 1 << 1
    COMPUTE = 1 << 2
    OUTPUT = 1 << 3
    ACC_KEEP = 1 << 6
    BIAS = 1 << 7
    RELU = 1 << 8
    RELAXED = 1 << 9


MODE = Field(
    "MODE",
    word=0,
    meaning="phases and options of the pass",
)
PLANE_LINES = Field(
    "LINES",
    word=1,
    low=0,
    width=16,
    unit="lines",
    meaning="lines of the pass",
    limits=(
        Limit(
            when="LOAD_ACT or COMPUTE",
            high=(
                "ActDepth // max(1, ((WINDOWS - 1) * (STRIDE << GROUPS_LOG) + TAPS + ((1 << "
                "GROUPS_LOG) - 1) * STRIDE) * CELLS)"
            ),
        ),
        Limit(
            when="LOAD_ACT or COMPUTE or OUTPUT",
            low="1",
            high="AccDepth // max(1, WINDOWS * MAPS)",
        ),
    ),
)
PLANE_WINDOWS = Field(
    "WINDOWS",
    word=1,
    low=16,
    width=16,
    unit="windows",
    meaning="windows of a line, of each group of rows",
    limits=(
        Limit(
            when="LOAD_ACT or COMPUTE",
            high=(
                "(ActDepth // (LINES * CELLS) - TAPS - ((1 << GROUPS_LOG) - 1) * STRIDE) // "
                "(STRIDE << GROUPS_LOG) + 1 if LINES * CELLS * STRIDE else 65535"
            ),
        ),
        Limit(
            when="LOAD_ACT or COMPUTE or OUTPUT",
            low="1",
            high="AccDepth // (LINES * MAPS) if LINES * MAPS else 65535",
        ),
    ),
)
WINDOW_TAPS = Field(
    "TAPS",
    word=2,
    low=0,
    width=8,
    unit="slices",
    meaning="slices of a window",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1", high="KCells // max(1, CELLS * MAPS)"),),
)
WINDOW_STRIDE = Field(
    "STRIDE",
    word=2,
    low=8,
    width=4,
    unit="slices",
    meaning="from a pixel to the next",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1", high="TAPS"),),
)
WINDOW_GROUPS_LOG = Field(
    "GROUPS_LOG",
    word=2,
    low=12,
    width=3,
    meaning="log2 of the groups of pixels",
    limits=(
        Limit(
            when="LOAD_ACT or COMPUTE",
            high="1 + (Rows > 2) + (Rows > 4) + (Rows > 8) + (Rows > 16)",
        ),
    ),
)
WINDOW_MAPS = Field(
    "MAPS",
    word=2,
    low=16,
    width=4,
    unit="maps",
    meaning="output maps of a row",
    limits=(Limit(when="LOAD_ACT or COMPUTE or OUTPUT", low="1", high="MaxMaps"),),
)
SLICE_PIECES = Field(
    "PIECES",
    word=3,
    low=0,
    width=16,
    unit="pieces",
    meaning="pieces of a slice",
    limits=(
        Limit(
            when="LOAD_ACT or COMPUTE",
            low="(CELLS - 1) * MaskWord + 1",
            high="CELLS * MaskWord",
        ),
    ),
)
SLICE_CELLS = Field(
    "CELLS",
    word=3,
    low=16,
    width=8,
    unit="cells",
    meaning="cells of a slice",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1"),),
)
SLICE_RING = Field(
    "RING",
    word=3,
    low=24,
    width=8,
    unit="slices",
    meaning="ring in a neuron store",
    limits=(
        Limit(
            when="LOAD_ACT or COMPUTE",
            low="TAPS + ((1 << GROUPS_LOG) - 1) * STRIDE",
            high="NCells // max(1, CELLS)",
        ),
    ),
)
THRESHOLD = Field(
    "THRESHOLD",
    word=4,
    low=0,
    width=16,
    meaning="largest absolute value of a neuron that counts as zero",
)
SHIFT = Field(
    "SHIFT",
    word=5,
    unit="bits",
    meaning="output shift",
    limits=(Limit(when="OUTPUT", high="AccWidth - 1"),),
)
REGISTERS = RegisterMap(
    "lac_flexflow_pro",
    cfg=(
        MODE,
        PLANE_LINES,
        PLANE_WINDOWS,
        WINDOW_TAPS,
        WINDOW_STRIDE,
        WINDOW_GROUPS_LOG,
        WINDOW_MAPS,
        SLICE_PIECES,
        SLICE_CELLS,
        SLICE_RING,
        THRESHOLD,
        SHIFT,
    ),
    flags=tuple((str(one.name), one.bit_length() - 1) for one in Mode),
    rules=(
        Rule("LOAD_WGT or LOAD_ACT or COMPUTE or OUTPUT", "at least one phase"),
        Rule("not (ACC_KEEP and BIAS)", "ACC_KEEP or BIAS, not both"),
    ),
    cap=(
        Field(
            "ROWS",
            word=0,
            low=0,
            width=16,
            meaning="rows of PEs",
            value="Rows",
        ),
        Field(
            "COLS",
            word=0,
            low=16,
            width=16,
            meaning="columns of PEs",
            value="Cols",
        ),
        Field(
            "K_CELLS",
            word=1,
            low=0,
            width=16,
            meaning="cells of a kernel store",
            value="KCells",
        ),
        Field(
            "N_CELLS",
            word=1,
            low=16,
            width=16,
            meaning="cells of a neuron store",
            value="NCells",
        ),
        Field(
            "ACT_DEPTH",
            word=2,
            meaning="cells of a column buffer",
            value="ActDepth",
        ),
        Field(
            "ACC_DEPTH",
            word=3,
            meaning="accumulators of a row",
            value="AccDepth",
        ),
        Field(
            "MASK_WORD",
            word=4,
            low=0,
            width=8,
            meaning="pieces of a cell",
            value="MaskWord",
        ),
        Field(
            "FIFO_DEPTH",
            word=4,
            low=8,
            width=8,
            meaning="sums in the FIFO of a PE",
            value="FifoDepth",
        ),
        Field(
            "BUS_WORDS",
            word=4,
            low=16,
            width=8,
            meaning="words of a column bus in a cycle",
            value="BusWords",
        ),
        Field(
            "MAX_MAPS",
            word=4,
            low=24,
            width=8,
            meaning="most maps of a row in a pass",
            value="MaxMaps",
        ),
        Field(
            "ACT_WIDTH",
            word=5,
            low=0,
            width=8,
            unit="bits",
            meaning="activation",
            value="16",
        ),
        Field(
            "WGT_WIDTH",
            word=5,
            low=8,
            width=8,
            unit="bits",
            meaning="weight",
            value="16",
        ),
        Field(
            "ACC_WIDTH",
            word=5,
            low=16,
            width=8,
            unit="bits",
            meaning="accumulator",
            value="AccWidth",
        ),
        Field(
            "BIAS_WIDTH",
            word=5,
            low=24,
            width=8,
            unit="bits",
            meaning="bias",
            value="BiasWidth",
        ),
    ),
)
