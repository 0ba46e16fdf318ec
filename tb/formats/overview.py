"""The formats at a glance, for the coverage report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models.formats import load_all
from models.places import build_root
from tb.common.coverage.table import Table
from tb.formats.faults import CODES
from tb.formats.kinds import ENCODERS, KINDS, Kind

if TYPE_CHECKING:
    from tb.common.coverage.merge import Functional


AREA = build_root() / "area" / "area.json"


def gates() -> dict[str, float]:
    """Module -> NAND2 equivalents with default parameters, of the last ``make area``."""
    try:
        blocks = json.loads(AREA.read_text(encoding="utf-8"))["blocks"]
    except (OSError, ValueError, KeyError):
        return {}
    return {one["module"]: one["gates"] for one in blocks}


def _gates(kind: Kind, known: dict[str, float]) -> str:
    """Gates of the decoder, and of the encoder if there is one."""
    encoder = ENCODERS.get(kind.name)
    tops = [kind.top, *([encoder.top] if encoder else [])]
    return ", ".join(f"{known[top]:,.0f}" if top in known else "-" for top in tops)


def _bins(functional: Functional, name: str) -> str:
    """Bins hit of those that count, "-" if the folder was not run."""
    group = functional.groups.get(name)
    return f"{group.hit}/{group.goal}" if group else "-"


def _row(kind: Kind, functional: Functional, known: dict[str, float]) -> tuple[str, ...]:
    lanes = load_all()[kind.name].lanes
    encoder = ENCODERS.get(kind.name)
    return (
        kind.name,
        "model" + (f", {encoder.top}" if encoder else ""),
        f"model, {kind.top}",
        ", ".join(map(str, lanes)),
        "NumLanes" if len(lanes) > 1 else "1",
        str(kind.latency),
        " ".join(str(CODES[name]) for name in sorted(kind.errors, key=CODES.__getitem__)),
        _bins(functional, f"fmt_{kind.name}"),
        _bins(functional, f"fmt_{kind.name}_enc") if encoder else "-",
        _gates(kind, known),
    )


def overview(functional: Functional) -> Table:
    """A row per format: what there is, how fast it is, what it refuses, what was covered."""
    known = gates()
    return Table(
        "Sparsity formats",
        "Rate: most non-zeros per cycle; a cycle hands on that many or uses up a word of input. "
        "Latency: cycles from the last step of a tile to its last beat, equal in the bench. "
        "Errors: codes of rtl/formats/README.md, each raised, drained, and followed by a good "
        "tile. Gates: NAND2 equivalents of decoder and encoder with default parameters, from "
        "`make area`.",
        ("format", "encode", "decode", "lanes", "rate", "latency", "errors", "bins", "encoder bins",
         "gates"),
        tuple(_row(kind, functional, known) for kind in KINDS.values()),
        left=(1, 2, 6),
    )  # fmt: skip
