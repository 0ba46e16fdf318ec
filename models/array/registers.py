"""Fields of the CFG and CAP registers of ``rtl/array``.

Made by ``python -m scripts.registers`` from ``rtl/array/registers.toml``: do not edit.
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
    IN_SIZE = 1
    OUT_SIZE = 2
    KERNEL = 3
    TILES = 4
    WGT_BASE = 5
    ACT_BASE = 6
    BIAS_BASE = 7
    SHIFT = 8


class Mode(IntEnum):
    """Bits of the MODE register."""

    LOAD_WGT = 1 << 0
    LOAD_ACT = 1 << 1
    COMPUTE = 1 << 2
    OUTPUT = 1 << 3
    ACC_KEEP = 1 << 6
    BIAS = 1 << 7
    RELU = 1 << 8


MODE = Field(
    "MODE",
    word=0,
    meaning="phases and options of the pass",
)
IN_SIZE_H = Field(
    "H",
    word=1,
    low=0,
    width=16,
    unit="pixels",
    meaning="height",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1"),),
)
IN_SIZE_W = Field(
    "W",
    word=1,
    low=16,
    width=16,
    unit="pixels",
    meaning="width",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1"),),
)
OUT_SIZE_P = Field(
    "P",
    word=2,
    low=0,
    width=16,
    unit="pixels",
    meaning="height",
    limits=(Limit(when="COMPUTE or OUTPUT", low="1"),),
)
OUT_SIZE_Q = Field(
    "Q",
    word=2,
    low=16,
    width=16,
    unit="pixels",
    meaning="width",
    limits=(Limit(when="COMPUTE or OUTPUT", low="1"),),
)
KERNEL_R = Field(
    "R",
    word=3,
    low=0,
    width=8,
    unit="pixels",
    meaning="height",
    limits=(Limit(when="COMPUTE", low="1"),),
)
KERNEL_S = Field(
    "S",
    word=3,
    low=8,
    width=8,
    unit="pixels",
    meaning="width",
    limits=(Limit(when="COMPUTE", low="1"),),
)
KERNEL_STRIDE = Field(
    "STRIDE",
    word=3,
    low=16,
    width=4,
    unit="pixels",
    meaning="step of the window, both ways",
    limits=(Limit(when="COMPUTE", low="1"),),
)
KERNEL_PAD_TOP = Field(
    "PAD_TOP",
    word=3,
    low=20,
    width=4,
    unit="pixels",
    meaning="rows of zeros above the input",
)
KERNEL_PAD_LEFT = Field(
    "PAD_LEFT",
    word=3,
    low=24,
    width=4,
    unit="pixels",
    meaning="columns of zeros left of the input",
)
TILES_CT = Field(
    "CT",
    word=4,
    low=0,
    width=16,
    unit="tiles",
    meaning="tiles of Rows input channels",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1"),),
)
TILES_KT = Field(
    "KT",
    word=4,
    low=16,
    width=16,
    unit="tiles",
    meaning="tiles of Cols outputs",
    limits=(Limit(when="COMPUTE or OUTPUT", low="1", high="AccDepth / (P * Q)"),),
)
WGT_BASE = Field(
    "WGT_BASE",
    word=5,
    unit="words",
    meaning="first word of the weight buffer",
    limits=(Limit(when="COMPUTE", high="WgtDepth - KT * R * S * CT * Rows"),),
)
ACT_BASE = Field(
    "ACT_BASE",
    word=6,
    unit="words",
    meaning="first word of the activation buffer",
    limits=(Limit(when="LOAD_ACT or COMPUTE", high="ActDepth - CT * H * W"),),
)
BIAS_BASE = Field(
    "BIAS_BASE",
    word=7,
    unit="words",
    meaning="first word of the bias buffer",
    limits=(Limit(when="COMPUTE and BIAS", high="BiasDepth - KT"),),
)
SHIFT = Field(
    "SHIFT",
    word=8,
    unit="bits",
    meaning="output shift",
    limits=(Limit(when="OUTPUT", high="AccWidth - 1"),),
)
REGISTERS = RegisterMap(
    "lac_array",
    cfg=(
        MODE,
        IN_SIZE_H,
        IN_SIZE_W,
        OUT_SIZE_P,
        OUT_SIZE_Q,
        KERNEL_R,
        KERNEL_S,
        KERNEL_STRIDE,
        KERNEL_PAD_TOP,
        KERNEL_PAD_LEFT,
        TILES_CT,
        TILES_KT,
        WGT_BASE,
        ACT_BASE,
        BIAS_BASE,
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
            meaning="reduction lanes of the array",
            value="Rows",
        ),
        Field(
            "COLS",
            word=0,
            low=16,
            width=16,
            meaning="outputs of the array",
            value="Cols",
        ),
        Field(
            "ACT_DEPTH",
            word=1,
            meaning="words of the activation buffer",
            value="ActDepth",
        ),
        Field(
            "WGT_DEPTH",
            word=2,
            meaning="words of the weight buffer",
            value="WgtDepth",
        ),
        Field(
            "ACC_DEPTH",
            word=3,
            meaning="words of an accumulator bank",
            value="AccDepth",
        ),
        Field(
            "BIAS_DEPTH",
            word=4,
            meaning="words of the bias buffer",
            value="BiasDepth",
        ),
        Field(
            "ACT_WIDTH",
            word=5,
            low=0,
            width=8,
            unit="bits",
            meaning="activation",
            value="ActWidth",
        ),
        Field(
            "WGT_WIDTH",
            word=5,
            low=8,
            width=8,
            unit="bits",
            meaning="weight",
            value="WgtWidth",
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
    ),
)
