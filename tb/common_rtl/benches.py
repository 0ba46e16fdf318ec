"""The benches of ``rtl/common``: one per module."""

from __future__ import annotations

from models.socket import ACT_MAGIC, WGT_MAGIC
from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.common_rtl.stream_benches import STREAM_BENCHES

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOM = "tb.common_rtl"

BENCHES: tuple[Bench, ...] = (
    Bench(
        name="fifo",
        top="lac_fifo",
        module=f"{_ROOM}.fifo_tests",
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_clear",
            "directed_clear_traffic",
            "reset_mid",
        ),
        configs={
            "default": {"Width": 8, "Depth": 8},
            "depth1": {"Width": 1, "Depth": 1},
            "depth2": {"Width": 16, "Depth": 2},
            "odd": {"Width": 100, "Depth": 7},
        },
    ),
    Bench(
        name="sram",
        top="lac_sram",
        module=f"{_ROOM}.sram_tests",
        tests=(
            "smoke",
            *_RANDOM,
            "directed_old_data",
            "directed_hold",
            "extremes",
            "throughput",
        ),
        configs={
            "default": {"Width": 64, "Depth": 1024},
            "depth1": {"Width": 1, "Depth": 1},
            "odd": {"Width": 37, "Depth": 300},
        },
    ),
    Bench(
        name="requant",
        top="lac_requant",
        module=f"{_ROOM}.requant_tests",
        tests=("smoke", "extremes", "random_none"),
        configs={
            "default": {"AccWidth": 40, "OutWidth": 16},
            "exhaustive": {"AccWidth": 10, "OutWidth": 8},
            "wide": {"AccWidth": 48, "OutWidth": 8},
        },
    ),
    Bench(
        name="ffs",
        top="lac_ffs",
        module=f"{_ROOM}.ffs_tests",
        tests=("smoke", "extremes", "random_none"),
        configs={
            "default": {"Width": 8},
            "width1": {"Width": 1},
            "odd": {"Width": 5},
            "wide": {"Width": 64},
        },
    ),
    Bench(
        name="first",
        top="lac_first",
        module=f"{_ROOM}.first_tests",
        tests=("smoke", "extremes", "random_none"),
        configs={
            "default": {"Width": 8},
            "width1": {"Width": 1},
            "odd": {"Width": 5},
            "wide": {"Width": 64},
        },
    ),
    Bench(
        name="compact",
        top="lac_compact",
        module=f"{_ROOM}.compact_tests",
        tests=("smoke", "extremes", "random_none"),
        configs={
            "default": {"NumIn": 8, "NumOut": 4, "Width": 8},
            "single": {"NumIn": 1, "NumOut": 1, "Width": 1},
            "odd": {"NumIn": 21, "NumOut": 16, "Width": 5},
            "wide": {"NumIn": 64, "NumOut": 16, "Width": 1},
        },
    ),
    Bench(
        name="perf",
        top="lac_perf",
        module=f"{_ROOM}.perf_tests",
        tests=("smoke", *_RANDOM, "extremes", "directed_clear", "reset_mid"),
        configs={
            "default": {"NumCounters": 24, "IncWidth": 9},
            "single": {"NumCounters": 1, "IncWidth": 1},
            "wide": {"NumCounters": 3, "IncWidth": 32},
        },
    ),
    Bench(
        name="axil_regs",
        top="lac_axil_regs",
        module=f"{_ROOM}.axil_regs_tests",
        tests=(
            "smoke",
            "random_none",
            "random_random",
            "extremes",
            "throughput",
            "reset_mid",
            "directed_strobes",
            "directed_error",
            "directed_done_and_acknowledge",
            "directed_settle",
            "directed_soft_reset_wins",
            "directed_busy_at_once",
            "directed_concurrent",
            "bad_start_busy",
            "bad_write_busy",
            "bad_forget_busy",
            "bad_start_with_reset",
            "bad_read_only",
        ),
        configs={"default": {"DesignId": 1}, "other": {"DesignId": 255}},
    ),
    Bench(
        name="result_tx",
        top="lac_result_tx",
        module=f"{_ROOM}.result_tx_tests",
        tests=("smoke", *_RANDOM, "throughput", "directed_cut", "reset_mid"),
        configs={"default": {"DataWidth": 64}, "bit": {"DataWidth": 4}},
    ),
    Bench(
        name="packet_rx",
        top="lac_packet_rx",
        module=f"{_ROOM}.packet_rx_tests",
        tests=(
            "smoke",
            *_RANDOM,
            "extremes",
            "throughput",
            "directed_discard",
            "directed_straddle",
            "directed_forget",
            "directed_count",
            *(f"random_control_{profile}" for profile in ("none", "cycle", "random")),
            "directed_clear_after_start",
            "reset_mid",
            "bad_header",
            "bad_short",
            "bad_long",
        ),
        configs={
            "default": {"Magic": WGT_MAGIC, "PerWord": 1, "CheckCount": 0},
            "counted": {
                "Magic": ACT_MAGIC,
                "PerWord": 4,
                "CheckCount": 1,
                "ErrHeader": 6,
                "ErrShort": 7,
                "ErrLong": 8,
            },
            "units": {"Magic": ACT_MAGIC, "WordsPer": 4, "CheckCount": 1},
        },
    ),
    *STREAM_BENCHES,
)
