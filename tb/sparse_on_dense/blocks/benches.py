"""The benches of the blocks of Sparse-on-Dense."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common.tests.names import LOAD_RX

_ROOMS = ("common", "array", "formats", "sparse_on_dense")
_SMALL = {"Rows": 4, "Cols": 4, "WgtDepth": 60}

BLOCK_BENCHES: tuple[Bench, ...] = (
    Bench(
        name="sod_wgt_load",
        top="lac_tb_sod_wgt_load",
        sources=("tb/sparse_on_dense/blocks/lac_tb_sod_wgt_load.sv", LOAD_RX),
        module="tb.sparse_on_dense.blocks.wgt_load_tests",
        rtl=_ROOMS,
        tests=(
            *("smoke", "directed_marks", *(f"random_{profile}" for profile in PROFILES)),
            *(
                "throughput",
                "directed_clear_after_start",
                "directed_discard",
                "directed_clear",
                "reset_mid",
                "bad_header",
                "bad_order",
                "bad_value",
            ),
        ),
        configs={
            "default": {"Cols": 8, "WgtDepth": 130, "BiasDepth": 6, "NumUnits": 4},
            "single": {"Cols": 4, "WgtDepth": 97, "BiasDepth": 3, "BiasWidth": 17, "NumUnits": 1},
            "u16": {"Cols": 32, "WgtDepth": 130, "BiasWidth": 24, "NumUnits": 16},
        },
        verilator=("single",),
        slow=("u16",),
    ),
    Bench(
        name="sod_rows",
        top="lac_sod_rows",
        module="tb.sparse_on_dense.blocks.rows_tests",
        rtl=_ROOMS,
        tests=("smoke", "random_none", "throughput", "reset_mid"),
        configs={
            "default": {"NumRows": 4, "Cols": 8, "NumLanes": 4},
            "single": {"NumRows": 2, "Cols": 4, "NumLanes": 1, "WgtWidth": 8},
            "l16": {"NumRows": 8, "Cols": 4, "NumLanes": 16},
            "one-row": {"NumRows": 1, "Cols": 16, "NumLanes": 4},
        },
        verilator=("default",),
    ),
    Bench(
        name="sod_feed",
        top="lac_sod_feed",
        module="tb.sparse_on_dense.blocks.feed_tests",
        rtl=_ROOMS,
        tests=(
            *(
                "smoke",
                "directed_density",
                "random_none",
                "directed_clear_after_start",
                "reset_mid",
            ),
            *("bad_parts", "bad_units", "bad_bank_end"),
        ),
        configs={
            "default": {**_SMALL, "WgtFormat": 0, "NumUnits": 2},
            "bitmap-l4": {**_SMALL, "WgtFormat": 1, "NumUnits": 1, "NumLanes": 4},
            "nm": {**_SMALL, "WgtFormat": 2, "NumUnits": 4, "WgtWidth": 8},
            "bitmap": {**_SMALL, "WgtFormat": 1, "NumUnits": 4, "Rows": 8, "Cols": 8},
            "nm-l4": {**_SMALL, "WgtFormat": 2, "NumUnits": 2, "NumLanes": 4, "Rows": 8},
        },
        verilator=("default",),
        slow=("bitmap", "nm-l4"),
    ),
)
