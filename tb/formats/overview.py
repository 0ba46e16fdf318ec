"""The formats at a glance, for the coverage report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.formats import load_all
from scripts.cov_tables import Table
from tb.formats.faults import CODES
from tb.formats.kinds import ENCODERS, KINDS, Kind

if TYPE_CHECKING:
    from tb.common.coverage_merge import Functional


def _bins(functional: Functional, name: str) -> str:
    """Bins hit of those that count, "-" if the room was not run."""
    group = functional.groups.get(name)
    return f"{group.hit}/{group.goal}" if group else "-"


def _row(kind: Kind, functional: Functional) -> tuple[str, ...]:
    lanes = load_all()[kind.name].lanes
    encoder = ENCODERS.get(kind.name)
    return (
        kind.name,
        "model" + (f", {encoder.top}" if encoder else ""),
        f"model, {kind.top}",
        ", ".join(map(str, lanes)),
        "NumLanes" if len(lanes) > 1 else "1",
        str(kind.latency),
        " ".join(str(CODES[name]) for name in sorted(kind.errors, key=CODES.get)),
        _bins(functional, f"fmt_{kind.name}"),
        _bins(functional, f"fmt_{kind.name}_enc") if encoder else "-",
        "",
    )


def overview(functional: Functional) -> Table:
    """A row per format: what there is, how fast it is, what it refuses, what was covered."""
    return Table(
        "Sparsity formats",
        "Rate: most non-zeros per cycle; a cycle hands on that many or uses up a word of input. "
        "Latency: cycles from the last step of a tile to its last beat, equal in the bench. "
        "Errors: codes of rtl/formats/README.md, each raised, drained, and followed by a good "
        "tile. Gates are not measured yet.",
        ("format", "encode", "decode", "lanes", "rate", "latency", "errors", "bins", "encoder bins",
         "gates"),
        tuple(_row(kind, functional) for kind in KINDS.values()),
        left=(1, 2, 6),
    )  # fmt: skip
