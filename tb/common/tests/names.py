"""Names that benches of several designs share: top-level tests, as a bench lists them; sources."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES

#: Of ``layers.py`` and ``top.py`` beside this file.
TOP = (
    *("directed_density", "directed_places", "directed_phases", "directed_rails"),
    "directed_geometries",
    *(f"random_{profile}" for profile in PROFILES),
    *("random_mixed", "throughput", "stress"),
    *("directed_registers", "directed_final_counters", "reset_mid"),
)

#: Of ``errors.py``, ``leftover.py``, ``results.py``, ``watchdog.py`` and ``limits.py``.
ERRORS = (
    *("bad_wgt_short", "bad_wgt_long", "bad_act_header", "bad_act_short", "bad_act_long"),
    *("bad_start_busy", "bad_cfg_busy", "bad_start_error", "bad_source_stops", "bad_sink_stops"),
    *("bad_watchdog_off", "bad_leftover", "bad_result_cut", "directed_watchdog"),
    "directed_limits",
)

#: Of these, what is about the socket or the compiler and goes through dozens of passes: once in a
#: design.
LONG = {
    "top": ("directed_final_counters", "directed_geometries"),
    "errors": ("bad_leftover", "bad_result_cut"),
}

#: The packet receiver in front of a loader, for the benches of ``loaders.py``.
LOAD_RX = "tb/common_rtl/lac_tb_load_rx.sv"
