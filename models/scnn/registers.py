"""Fields of the CFG and CAP registers of ``rtl/scnn``.

Made by ``python -m scripts.registers`` from ``rtl/scnn/registers.toml``: do not edit.
"""

from __future__ import annotations

from enum import IntEnum

from models.registers import Field, Limit, RegisterMap, Rule


class Kind(IntEnum):
    """Section kinds, in the order they must come."""

    OFFSET = 1
    BIAS = 2
    WEIGHT = 3


class Cfg(IntEnum):
    """CFG registers."""

    MODE = 0
    CHANNELS = 1
    GROUPS = 2
    TILE = 3
    HALO = 4
    FINAL_X = 5
    FINAL_Y = 6
    CARRY_IN = 7
    CARRY_OUT = 8
    WGT_BASE = 9
    BIAS_BASE = 10
    SHIFT = 11
    ACT_WORDS = 12
    COUT_BASE = 13
    OUT_CHANNELS = 14


class Mode(IntEnum):
    """Bits of the MODE register."""

    LOAD_WGT = 1 << 0
    LOAD_ACT = 1 << 1
    COMPUTE = 1 << 2
    OUTPUT = 1 << 3
    SWAP = 1 << 4
    RELU = 1 << 5
    OA_KEEP = 1 << 6
    EMPTY_STEP = 1 << 7
    MERGE = 1 << 8
    DENSE = 1 << 9
    RIM = 1 << 10


MODE = Field(
    "MODE",
    word=0,
    meaning="phases and options of the pass",
)
CHANNELS_C = Field(
    "C",
    word=1,
    low=0,
    width=16,
    unit="channels",
    meaning="input channels",
    limits=(Limit(when="LOAD_ACT or COMPUTE", low="1", high="MaxC"),),
)
CHANNELS_TAPS = Field(
    "TAPS",
    word=1,
    low=16,
    width=8,
    meaning="positions of the kernel, R*S",
    limits=(Limit(when="COMPUTE", low="1", high="MaxTaps"),),
)
GROUPS_NUM_GROUPS = Field(
    "NUM_GROUPS",
    word=2,
    low=0,
    width=16,
    unit="groups",
    meaning="output groups of the pass",
    limits=(Limit(when="COMPUTE", low="1"),),
)
GROUPS_KC_LOG = Field(
    "KC_LOG",
    word=2,
    low=16,
    width=3,
    meaning="log2 of Kc, the output channels of a group",
    limits=(
        Limit(
            when="COMPUTE",
            low="2",
            high="2 + (MaxKc > 4) + (MaxKc > 8) + (MaxKc > 16) + (MaxKc > 32)",
        ),
    ),
)
GROUPS_SHAPE = Field(
    "SHAPE",
    word=2,
    low=20,
    width=2,
    meaning="multipliers as F << SHAPE weights times I >> SHAPE activations",
    limits=(Limit(when="COMPUTE", high="1 if I < 4 else 2"),),
)
GROUPS_LAST_K = Field(
    "LAST_K",
    word=2,
    low=24,
    width=7,
    unit="channels",
    meaning="output channels of the last group",
    limits=(Limit(when="COMPUTE", low="1", high="1 << KC_LOG"),),
)
TILE_TILE_W = Field(
    "TILE_W",
    word=3,
    low=0,
    width=8,
    unit="pixels",
    meaning="columns of the tile of a PE",
    limits=(
        Limit(when="COMPUTE or OUTPUT", low="1"),
        Limit(when="COMPUTE", high="Banks // 4 * (4 * Entries // (1 << KC_LOG)) - HALO_L - HALO_R"),
    ),
)
TILE_TILE_H = Field(
    "TILE_H",
    word=3,
    low=8,
    width=8,
    unit="pixels",
    meaning="rows of the tile of a PE",
    limits=(Limit(when="COMPUTE or OUTPUT", low="1"),),
)
TILE_PITCH = Field(
    "PITCH",
    word=3,
    low=16,
    width=8,
    meaning="from a row of the accumulator tile to the next",
    limits=(
        Limit(
            when="COMPUTE",
            low="TILE_W + HALO_L + HALO_R",
            high=(
                "255 if TILE_H + HALO_U + HALO_D <= 1 else (Banks // 4 * (4 * Entries // (1 << "
                "KC_LOG)) - TILE_W - HALO_L - HALO_R) // (TILE_H + HALO_U + HALO_D - 1)"
            ),
        ),
    ),
)
TILE_OUT_GAP = Field(
    "OUT_GAP",
    word=3,
    low=24,
    width=5,
    unit="pixels",
    meaning="positions that results skip behind each row",
    limits=(Limit(when="COMPUTE or OUTPUT", high="16"),),
)
HALO_HALO_L = Field(
    "HALO_L",
    word=4,
    low=0,
    width=4,
    unit="pixels",
    meaning="columns on the left",
)
HALO_HALO_R = Field(
    "HALO_R",
    word=4,
    low=4,
    width=4,
    unit="pixels",
    meaning="columns on the right",
)
HALO_HALO_U = Field(
    "HALO_U",
    word=4,
    low=8,
    width=4,
    unit="pixels",
    meaning="rows above",
)
HALO_HALO_D = Field(
    "HALO_D",
    word=4,
    low=12,
    width=4,
    unit="pixels",
    meaning="rows below",
)
FINAL_X_FINAL_X0 = Field(
    "FINAL_X0",
    word=5,
    low=0,
    width=16,
    unit="pixels",
    meaning="first column",
)
FINAL_X_FINAL_X1 = Field(
    "FINAL_X1",
    word=5,
    low=16,
    width=16,
    unit="pixels",
    meaning="column behind the last",
    limits=(Limit(when="COMPUTE", low="FINAL_X0"),),
)
FINAL_Y_FINAL_Y0 = Field(
    "FINAL_Y0",
    word=6,
    low=0,
    width=16,
    unit="pixels",
    meaning="first row",
)
FINAL_Y_FINAL_Y1 = Field(
    "FINAL_Y1",
    word=6,
    low=16,
    width=16,
    unit="pixels",
    meaning="row behind the last",
    limits=(Limit(when="COMPUTE", low="FINAL_Y0"),),
)
CARRY_IN_CARRY_IN_X = Field(
    "CARRY_IN_X",
    word=7,
    low=0,
    width=16,
    unit="pixels",
    meaning="column behind the last",
)
CARRY_IN_CARRY_IN_Y = Field(
    "CARRY_IN_Y",
    word=7,
    low=16,
    width=16,
    unit="pixels",
    meaning="row behind the last",
)
CARRY_OUT_CARRY_OUT_X = Field(
    "CARRY_OUT_X",
    word=8,
    low=0,
    width=16,
    unit="pixels",
    meaning="column behind the last",
)
CARRY_OUT_CARRY_OUT_Y = Field(
    "CARRY_OUT_Y",
    word=8,
    low=16,
    width=16,
    unit="pixels",
    meaning="row behind the last",
)
WGT_BASE = Field(
    "WGT_BASE",
    word=9,
    unit="rows",
    meaning="first row of the pass in the weight buffer",
    limits=(Limit(when="COMPUTE", high="WgtDepth - 1"),),
)
BIAS_BASE = Field(
    "BIAS_BASE",
    word=10,
    unit="biases",
    meaning="bias of the first channel of the pass",
    limits=(Limit(when="COMPUTE", high="BiasDepth - (NUM_GROUPS - 1) * (1 << KC_LOG) - LAST_K"),),
)
SHIFT = Field(
    "SHIFT",
    word=11,
    unit="bits",
    meaning="output shift",
    limits=(Limit(when="COMPUTE", high="AccWidth - 1"),),
)
ACT_WORDS = Field(
    "ACT_WORDS",
    word=12,
    unit="words",
    meaning="words of the activation packet behind its header",
    limits=(Limit(when="LOAD_ACT", low="1", high="4294967294"),),
)
COUT_BASE = Field(
    "COUT_BASE",
    word=13,
    unit="words",
    meaning="first word of the carry memory that leaves",
    limits=(Limit(when="COMPUTE or OUTPUT", high="CarryDepth - 1"),),
)
OUT_CHANNELS = Field(
    "OUT_CHANNELS",
    word=14,
    unit="channels",
    meaning="channels to send; at most those in the destination",
    limits=(
        Limit(when="OUTPUT", low="1"),
        Limit(
            when="OUTPUT and COMPUTE and not OA_KEEP",
            high="(NUM_GROUPS - 1) * (1 << KC_LOG) + LAST_K",
        ),
    ),
)
REGISTERS = RegisterMap(
    "lac_scnn",
    cfg=(
        MODE,
        CHANNELS_C,
        CHANNELS_TAPS,
        GROUPS_NUM_GROUPS,
        GROUPS_KC_LOG,
        GROUPS_SHAPE,
        GROUPS_LAST_K,
        TILE_TILE_W,
        TILE_TILE_H,
        TILE_PITCH,
        TILE_OUT_GAP,
        HALO_HALO_L,
        HALO_HALO_R,
        HALO_HALO_U,
        HALO_HALO_D,
        FINAL_X_FINAL_X0,
        FINAL_X_FINAL_X1,
        FINAL_Y_FINAL_Y0,
        FINAL_Y_FINAL_Y1,
        CARRY_IN_CARRY_IN_X,
        CARRY_IN_CARRY_IN_Y,
        CARRY_OUT_CARRY_OUT_X,
        CARRY_OUT_CARRY_OUT_Y,
        WGT_BASE,
        BIAS_BASE,
        SHIFT,
        ACT_WORDS,
        COUT_BASE,
        OUT_CHANNELS,
    ),
    flags=tuple((str(one.name), one.bit_length() - 1) for one in Mode),
    rules=(
        Rule("LOAD_WGT or LOAD_ACT or COMPUTE or OUTPUT or SWAP", "at least one phase"),
        Rule("Merge or not MERGE", "MERGE only in a build that has it"),
    ),
    cap=(
        Field(
            "PE_X",
            word=0,
            low=0,
            width=8,
            meaning="columns of PEs",
            value="PeX",
        ),
        Field(
            "PE_Y",
            word=0,
            low=8,
            width=8,
            meaning="rows of PEs",
            value="PeY",
        ),
        Field(
            "LANES_F",
            word=0,
            low=16,
            width=8,
            meaning="weights of a vector",
            value="F",
        ),
        Field(
            "LANES_I",
            word=0,
            low=24,
            width=8,
            meaning="activations of a vector",
            value="I",
        ),
        Field(
            "BANKS",
            word=1,
            low=0,
            width=16,
            meaning="accumulator banks of a set",
            value="Banks",
        ),
        Field(
            "ENTRIES",
            word=1,
            low=16,
            width=16,
            meaning="entries of a bank",
            value="Entries",
        ),
        Field(
            "WGT_FIFO",
            word=2,
            low=0,
            width=16,
            meaning="vectors in the weight FIFO of a PE",
            value="WgtFifo",
        ),
        Field(
            "MAX_C",
            word=2,
            low=16,
            width=16,
            meaning="channels in the count memory",
            value="MaxC",
        ),
        Field(
            "IARAM_ROWS",
            word=3,
            meaning="rows of an activation memory",
            value="IaramRows",
        ),
        Field(
            "WGT_DEPTH",
            word=4,
            meaning="rows of the weight buffer",
            value="WgtDepth",
        ),
        Field(
            "BIAS_DEPTH",
            word=5,
            low=0,
            width=16,
            meaning="biases, at most 65535 shown",
            value="min(BiasDepth, 65535)",
        ),
        Field(
            "CARRY_DEPTH",
            word=5,
            low=16,
            width=16,
            meaning="words of the carry memory of a PE, at most 65535 shown",
            value="min(CarryDepth, 65535)",
        ),
        Field(
            "LANE_DEPTH",
            word=6,
            low=0,
            width=4,
            meaning="lane FIFO of the crossbar",
            value="LaneDepth",
        ),
        Field(
            "XBAR_GRANTS",
            word=6,
            low=4,
            width=4,
            meaning="grants of a bank in a cycle",
            value="XbarGrants",
        ),
        Field(
            "LOOK_AHEAD",
            word=6,
            low=8,
            width=4,
            meaning="entries of a lane FIFO that may go",
            value="LookAhead",
        ),
        Field(
            "BANK_DEPTH",
            word=6,
            low=12,
            width=4,
            meaning="queue of a bank",
            value="BankDepth",
        ),
        Field(
            "BANK_MAP",
            word=6,
            low=16,
            width=4,
            meaning="map of accumulators to banks",
            value="BankMap",
        ),
        Field(
            "HAS_MERGE",
            word=6,
            low=20,
            width=1,
            meaning="the merge stage is there",
            value="Merge",
        ),
        Field(
            "ROW_LOG",
            word=6,
            low=21,
            width=2,
            meaning="log2 of the vectors in a row of the weight buffer",
            value="3 if RowVectors == 8 else RowVectors // 2",
        ),
        Field(
            "MAX_KC",
            word=6,
            low=24,
            width=8,
            meaning="largest Kc",
            value="MaxKc",
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
            "ACC_WIDTH",
            word=7,
            low=8,
            width=8,
            unit="bits",
            meaning="accumulator",
            value="AccWidth",
        ),
        Field(
            "COUNT_WIDTH",
            word=7,
            low=16,
            width=8,
            unit="bits",
            meaning="count of entries of a channel",
            value="CountWidth",
        ),
        Field(
            "LAST_TAP",
            word=7,
            low=24,
            width=8,
            meaning="last entry of the offset table",
            value="MaxTaps - 1",
        ),
    ),
)
