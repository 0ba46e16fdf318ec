"""Fields of the CFG and CAP registers of ``rtl/cambricon_se``.

Made by ``python -m scripts.registers`` from ``rtl/cambricon_se/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.registers import Field, Limit, RegisterMap, Rule


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    LIST = 1
    TABLE = 2
    CODES = 3
    BOOK = 4
    MASK = 5
    BIAS = 6


class Cfg(IntEnum):
    """CFG registers."""

    MODE = 0
    IN_SIZE = 1
    OUT_SIZE = 2
    KERNEL = 3
    GROUPS = 4
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
    CODE4 = 1 << 9
    PACKED_IN = 1 << 10
    PACKED_OUT = 1 << 11
    HUFFMAN = 1 << 12


class Selector(IntEnum):
    """How survivors reach the multipliers."""

    PACKED = 0
    NATURAL = 1
    PER_PE = 2


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
KERNEL_STRIDE = Field(
    "STRIDE",
    word=3,
    low=0,
    width=4,
    unit="pixels",
    meaning="stride, both ways",
    limits=(Limit(when="COMPUTE", low="1"),),
)
KERNEL_CB = Field(
    "CB",
    word=3,
    low=8,
    width=8,
    unit="rows",
    meaning="rows of Window neurons of a pixel",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1", high="ActDepth // max(1, H * W)"),),
)
GROUPS = Field(
    "GROUPS",
    word=4,
    low=0,
    width=16,
    unit="groups",
    meaning="groups of Pes outputs of the pass, all cores",
    limits=(
        Limit(when="COMPUTE or OUTPUT", low="1", high="Cores * (AccDepth // max(1, P * Q))"),
        Limit(when="(COMPUTE or OUTPUT) and BIAS", high="Cores * BiasDepth"),
    ),
)
SHIFT = Field(
    "SHIFT",
    word=5,
    unit="bits",
    meaning="output shift",
    limits=(Limit(when="OUTPUT", high="AccWidth - 1"),),
)
REGISTERS = RegisterMap(
    "lac_cambricon_se",
    cfg=(
        MODE,
        IN_SIZE_H,
        IN_SIZE_W,
        OUT_SIZE_P,
        OUT_SIZE_Q,
        KERNEL_STRIDE,
        KERNEL_CB,
        GROUPS,
        SHIFT,
    ),
    flags=tuple((str(one.name), one.bit_length() - 1) for one in Mode),
    rules=(
        Rule("LOAD_WGT or LOAD_ACT or COMPUTE or OUTPUT", "at least one phase"),
        Rule("not (ACC_KEEP and BIAS)", "ACC_KEEP or BIAS, not both"),
        Rule("HufLanes or not HUFFMAN", "HUFFMAN only in a build with HufLanes"),
    ),
    cap=(
        Field(
            "CORES",
            word=0,
            low=0,
            width=8,
            meaning="cores",
            value="Cores",
        ),
        Field(
            "PES",
            word=0,
            low=8,
            width=8,
            meaning="PEs of a core",
            value="Pes",
        ),
        Field(
            "LANES",
            word=0,
            low=16,
            width=8,
            meaning="multipliers of a PE",
            value="Lanes",
        ),
        Field(
            "SELECTOR",
            word=0,
            low=24,
            width=8,
            meaning="how survivors reach the multipliers",
            value="Selector",
            values=(
                ("PACKED", 0),
                ("NATURAL", 1),
                ("PER_PE", 2),
            ),
        ),
        Field(
            "WINDOW",
            word=1,
            low=0,
            width=16,
            meaning="neurons of a row",
            value="Window",
        ),
        Field(
            "CODE_ROW",
            word=1,
            low=16,
            width=16,
            meaning="codes of a row",
            value="CodeRow",
        ),
        Field(
            "ACT_DEPTH",
            word=2,
            meaning="rows of a neuron buffer",
            value="ActDepth",
        ),
        Field(
            "LIST_DEPTH",
            word=3,
            meaning="entries of an index list",
            value="ListDepth",
        ),
        Field(
            "ACC_DEPTH",
            word=4,
            meaning="accumulators of a PE",
            value="AccDepth",
        ),
        Field(
            "BIAS_DEPTH",
            word=5,
            low=0,
            width=16,
            meaning="biases of a PE",
            value="BiasDepth",
        ),
        Field(
            "REGIONS",
            word=5,
            low=16,
            width=8,
            meaning="codebooks of a core",
            value="Regions",
        ),
        Field(
            "HUF_LANES",
            word=5,
            low=24,
            width=8,
            meaning="codes decoded in a cycle, 0: none",
            value="HufLanes",
        ),
        Field(
            "ACC_WIDTH",
            word=6,
            low=0,
            width=8,
            unit="bits",
            meaning="accumulator",
            value="AccWidth",
        ),
        Field(
            "BIAS_WIDTH",
            word=6,
            low=8,
            width=8,
            unit="bits",
            meaning="bias",
            value="BiasWidth",
        ),
        Field(
            "ACT_WIDTH",
            word=6,
            low=16,
            width=8,
            unit="bits",
            meaning="activation",
            value="16",
        ),
        Field(
            "WGT_WIDTH",
            word=6,
            low=24,
            width=8,
            unit="bits",
            meaning="weight",
            value="16",
        ),
    ),
)
