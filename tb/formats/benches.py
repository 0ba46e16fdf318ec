"""The benches of ``rtl/formats``: one per decoder and encoder, and those of their parts."""

from __future__ import annotations

from tb.common.bfm.streams import PROFILES
from tb.common.sim.bench import Bench
from tb.formats.kinds import ENCODERS, KINDS, Encoder, Kind
from tb.formats.parts_benches import PART_BENCHES

_RANDOM = tuple(f"random_{profile}" for profile in PROFILES)
_ROOM = "tb.formats"
_DECODER = (
    "smoke",
    *_RANDOM,
    "extremes",
    "throughput",
    "directed_back_to_back",
    "reset_mid",
    "bad_flip",
    "bad_cut",
    "bad_back_to_back",
)
_ENCODER = (
    "smoke",
    *_RANDOM,
    "extremes",
    "throughput",
    "reset_mid",
    "bad_early",
    "bad_late",
)


def _bench(kind: Kind | Encoder) -> Bench:
    tests = _ENCODER if isinstance(kind, Encoder) else _DECODER
    tests += tuple(f"directed_{name}" for name in kind.events)
    tests += () if isinstance(kind, Encoder) else tuple(f"bad_{name}" for name in kind.errors)
    what = "encoder" if isinstance(kind, Encoder) else "decoder"
    return Bench(
        name=f"fmt_{kind.name}" + ("_enc" if isinstance(kind, Encoder) else ""),
        top=kind.top,
        module=f"{_ROOM}.{what}_tests",
        tests=tests,
        rtl=("formats",),
        configs=kind.configs,
        slow=kind.slow,
        icarus=kind.icarus,
        verilator=("default",),
    )


BENCHES: tuple[Bench, ...] = (
    *map(_bench, KINDS.values()),
    *map(_bench, ENCODERS.values()),
    *PART_BENCHES,
)
