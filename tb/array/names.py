"""Names of the top-level tests that designs around the array share, as a bench lists them."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES

#: Of ``top_tests.py`` (but for ``directed_geometry``) and of ``tb/common/tests/top.py``.
TOP = (
    *("directed_tiles", "directed_density", "directed_cuts", "directed_places"),
    *("directed_phases", "directed_rails", "extremes"),
    *(f"random_{profile}" for profile in PROFILES),
    *("random_mixed", "throughput", "stress", "directed_registers", "reset_mid"),
    *("directed_final_counters",),
)

#: Of ``error_tests.py`` and of ``tb/common/tests/errors.py``.
BAD = (
    *("bad_accumulator", "bad_geometry", "bad_wgt_short", "bad_wgt_long", "bad_act_header"),
    *("bad_act_short", "bad_act_long", "bad_start_busy", "bad_cfg_busy", "bad_start_error"),
    *("bad_source_stops", "bad_sink_stops", "bad_watchdog_off", "bad_leftover"),
    *("bad_result_cut", "directed_watchdog", "directed_limits"),
)
