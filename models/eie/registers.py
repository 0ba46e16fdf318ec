"""Fields of the CFG and CAP registers of ``rtl/eie``.

Made by ``python -m scripts.registers`` from ``rtl/eie/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.registers import Field, Limit, RegisterMap, Rule


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    CODEBOOK = 1
    POINTER = 2
    SPMAT = 3
    BIAS = 4


class Cfg(IntEnum):
    """CFG registers."""

    MODE = 0
    IN_LEN = 1
    OUT_LEN = 2
    PTR_BASE = 3
    ACT_BASE = 4
    BIAS_BASE = 5
    CODEBOOK = 6
    SHIFT = 7


class Mode(IntEnum):
    """Bits of the MODE register."""

    LOAD_WGT = 1 << 0
    LOAD_ACT = 1 << 1
    COMPUTE = 1 << 2
    OUTPUT = 1 << 3
    SWAP = 1 << 4
    SRC_FILE = 1 << 5
    ACC_KEEP = 1 << 6
    BIAS = 1 << 7
    RELU = 1 << 8
    SKIP_EMPTY = 1 << 9
    FUSE_PAD = 1 << 10


MODE = Field(
    "MODE",
    word=0,
    meaning="phases and options of the pass",
)
IN_LEN = Field(
    "IN_LEN",
    word=1,
    unit="activations",
    meaning="inputs (columns) of this pass",
    limits=(
        Limit(when="LOAD_ACT or COMPUTE", low="1"),
        Limit(when="LOAD_ACT or COMPUTE and not SRC_FILE", high="ActDepth * NumPe"),
        Limit(when="COMPUTE and SRC_FILE", high="ActRegs * NumPe"),
    ),
)
OUT_LEN = Field(
    "OUT_LEN",
    word=2,
    unit="activations",
    meaning="outputs (rows)",
    limits=(Limit(when="COMPUTE or OUTPUT", low="1", high="ActRegs * NumPe"),),
)
PTR_BASE = Field(
    "PTR_BASE",
    word=3,
    unit="pointers",
    meaning="pointer index of column 0",
    limits=(Limit(when="COMPUTE", high="PtrDepth - IN_LEN - 1", step=2),),
)
ACT_BASE = Field(
    "ACT_BASE",
    word=4,
    unit="words",
    meaning="first word of the activation SRAM",
    limits=(
        Limit(when="LOAD_ACT or COMPUTE and not SRC_FILE", high="ActDepth - ceil(IN_LEN / NumPe)"),
    ),
)
BIAS_BASE = Field(
    "BIAS_BASE",
    word=5,
    unit="words",
    meaning="first word of the bias SRAM",
    limits=(Limit(when="COMPUTE and BIAS", high="BiasDepth - ceil(OUT_LEN / NumPe)"),),
)
CODEBOOK = Field(
    "CODEBOOK",
    word=6,
    meaning="codebook used",
    limits=(Limit(when="COMPUTE", high="NumCodebooks - 1"),),
)
SHIFT = Field(
    "SHIFT",
    word=7,
    unit="bits",
    meaning="output shift",
    limits=(Limit(when="OUTPUT or SWAP", high="AccWidth - 1"),),
)
REGISTERS = RegisterMap(
    "lac_eie",
    cfg=(
        MODE,
        IN_LEN,
        OUT_LEN,
        PTR_BASE,
        ACT_BASE,
        BIAS_BASE,
        CODEBOOK,
        SHIFT,
    ),
    flags=tuple((str(one.name), one.bit_length() - 1) for one in Mode),
    rules=(
        Rule("LOAD_WGT or LOAD_ACT or COMPUTE or OUTPUT or SWAP", "at least one phase"),
        Rule("not (ACC_KEEP and BIAS)", "ACC_KEEP or BIAS, not both"),
    ),
    cap=(
        Field(
            "NUM_PE",
            word=0,
            meaning="processing elements",
            value="NumPe",
        ),
        Field(
            "QUEUE_DEPTH",
            word=1,
            low=0,
            width=16,
            meaning="activation queue per PE",
            value="QueueDepth",
        ),
        Field(
            "DESC_DEPTH",
            word=1,
            low=16,
            width=16,
            meaning="column descriptors per PE",
            value="DescDepth",
        ),
        Field(
            "ACT_REGS",
            word=2,
            meaning="registers in an activation file",
            value="ActRegs",
        ),
        Field(
            "ACT_DEPTH",
            word=3,
            meaning="activation SRAM words per PE",
            value="ActDepth",
        ),
        Field(
            "PTR_DEPTH",
            word=4,
            meaning="pointers per PE",
            value="PtrDepth",
        ),
        Field(
            "SPMAT_DEPTH",
            word=5,
            low=0,
            width=24,
            meaning="weight SRAM rows per PE",
            value="SpmatDepth",
        ),
        Field(
            "ENTRIES_PER_ROW",
            word=5,
            low=24,
            width=8,
            meaning="entries in a weight SRAM row",
            value="SpmatWidth // (CodeWidth + IdxWidth)",
        ),
        Field(
            "BIAS_DEPTH",
            word=6,
            low=0,
            width=16,
            meaning="bias SRAM words per PE",
            value="BiasDepth",
        ),
        Field(
            "NUM_CODEBOOKS",
            word=6,
            low=16,
            width=16,
            meaning="codebooks held",
            value="NumCodebooks",
        ),
        Field(
            "ACT_WIDTH",
            word=7,
            low=0,
            width=8,
            unit="bits",
            meaning="activation",
            value="ActWidth",
        ),
        Field(
            "CODE_WIDTH",
            word=7,
            low=8,
            width=4,
            unit="bits",
            meaning="codebook index",
            value="CodeWidth",
        ),
        Field(
            "IDX_WIDTH",
            word=7,
            low=12,
            width=4,
            unit="bits",
            meaning="relative row index",
            value="IdxWidth",
        ),
        Field(
            "PTR_WIDTH",
            word=7,
            low=16,
            width=8,
            unit="bits",
            meaning="pointer",
            value="PtrWidth",
        ),
        Field(
            "ACC_WIDTH",
            word=7,
            low=24,
            width=8,
            unit="bits",
            meaning="accumulator",
            value="AccWidth",
        ),
    ),
)
