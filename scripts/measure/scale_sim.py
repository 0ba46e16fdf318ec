"""Records as the three reports of SCALE-Sim (Samajdar et al., ISPASS 2020), csv with units.

``COMPUTE_REPORT.csv`` has cycles and utilisation, ``BANDWIDTH_REPORT.csv`` words per cycle,
``DETAILED_ACCESS_REPORT.csv`` accesses. IFMAP are activations, FILTER weights with what says where
they are, OFMAP partial sums and results. A word of an SRAM is what one counted access moves, a word
of DRAM is one of a stream, 64 bits. A layer is one line for each design.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Column = tuple[str, Callable[[Record], Any]]


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 4) if whole else 0.0


def _per_cycle(words: float, record: Record) -> float:
    return round(words / record["cycles"], 6) if record["cycles"] else 0.0


def _accesses(record: Record, *names: str) -> int:
    """Reads and writes of classes of memory."""
    return sum(sum(record["memory"][name].values()) for name in names)


def _multipliers(record: Record) -> float:
    return record["mac_slots"] / max(record["cycles_compute"], 1)


_WHO: tuple[Column, ...] = (
    ("Layer", lambda one: one["layer"]),
    ("Design", lambda one: one["design"]),
)
REPORTS: dict[str, tuple[Column, ...]] = {
    "COMPUTE_REPORT.csv": (
        *_WHO,
        ("Total Cycles (cycles)", lambda one: one["cycles"]),
        ("Compute Cycles (cycles)", lambda one: one["cycles_compute"]),
        ("Stall Cycles (cycles)", lambda one: max(one["cycles"] - one["cycles_compute"], 0)),
        (
            "Overall Util (%)",
            lambda one: _percent(one["mac_useful"], _multipliers(one) * one["cycles"]),
        ),
        (
            "Mapping Efficiency (%)",
            lambda one: _percent(
                one["slots"]["useful"] + one["slots"]["padding"], one["mac_slots"]
            ),
        ),
        ("Compute Util (%)", lambda one: _percent(one["mac_useful"], one["mac_slots"])),
    ),
    "BANDWIDTH_REPORT.csv": (
        *_WHO,
        ("Avg IFMAP SRAM BW (words/cycle)", lambda one: _per_cycle(_accesses(one, "act"), one)),
        (
            "Avg FILTER SRAM BW (words/cycle)",
            lambda one: _per_cycle(_accesses(one, "wgt", "idx"), one),
        ),
        ("Avg OFMAP SRAM BW (words/cycle)", lambda one: _per_cycle(_accesses(one, "psum"), one)),
        (
            "Avg IFMAP DRAM BW (words/cycle)",
            lambda one: _per_cycle(one["stream_words"]["act"], one),
        ),
        (
            "Avg FILTER DRAM BW (words/cycle)",
            lambda one: _per_cycle(one["stream_words"]["wgt"], one),
        ),
        (
            "Avg OFMAP DRAM BW (words/cycle)",
            lambda one: _per_cycle(one["stream_words"]["out"], one),
        ),
    ),
    "DETAILED_ACCESS_REPORT.csv": (
        *_WHO,
        ("SRAM IFMAP Reads (words)", lambda one: one["memory"]["act"]["reads"]),
        ("SRAM IFMAP Writes (words)", lambda one: one["memory"]["act"]["writes"]),
        ("SRAM FILTER Reads (words)", lambda one: one["memory"]["wgt"]["reads"]),
        ("SRAM FILTER Writes (words)", lambda one: one["memory"]["wgt"]["writes"]),
        ("SRAM FILTER Index Reads (words)", lambda one: one["memory"]["idx"]["reads"]),
        ("SRAM FILTER Index Writes (words)", lambda one: one["memory"]["idx"]["writes"]),
        ("SRAM OFMAP Reads (words)", lambda one: one["memory"]["psum"]["reads"]),
        ("SRAM OFMAP Writes (words)", lambda one: one["memory"]["psum"]["writes"]),
        ("DRAM IFMAP Reads (words)", lambda one: one["stream_words"]["act"]),
        ("DRAM FILTER Reads (words)", lambda one: one["stream_words"]["wgt"]),
        ("DRAM OFMAP Writes (words)", lambda one: one["stream_words"]["out"]),
    ),
}


def reports(records: Sequence[Record]) -> dict[str, str]:
    """The reports by name of their file."""
    made = {}
    for name, columns in REPORTS.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["LayerID", *(head for head, _ in columns)])
        for number, record in enumerate(records):
            writer.writerow([number, *(value(record) for _, value in columns)])
        made[name] = text.getvalue()
    return made
