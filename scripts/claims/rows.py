"""From claims and records to rows: all that the terminal, the pages and ``claims.json`` show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.claims.claim import (
    ROUGH,
    TOLERANCE,
    UNMEASURED,
    VERDICTS,
    Claim,
    Paper,
    compared,
    deviation,
    verdict,
)
from scripts.claims.records import MissingError, RecordError, Records

Row = dict[str, Any]


def row(claim: Claim, records: Records) -> Row:
    """A claim beside what its record holds; RecordError where that is damaged.

    ours, deviation   numbers, None where there is none; shown: ours as text
    verdict           of ``VERDICTS``; defined: what it would be by the definition used here
    source            rtl, model, ... in words; reads: places in the record
    """
    made: Row = {
        "key": claim.key,
        "claim": claim.what,
        "paper": claim.paper.text,
        "where": claim.paper.where,
        "low": _finite(claim.paper.low),
        "high": _finite(claim.paper.high),
        "tolerance": claim.paper.tolerance,
        "better": claim.better.name.lower(),
        "definition": claim.definition,
        "open": claim.open,
        "headline": claim.headline,
        "record": claim.record.file,
        "command": claim.record.command,
    }
    try:
        root = records[claim.record]
        found = claim.ours(root)
    except MissingError:
        nothing = {"ours": None, "shown": "", "deviation": None, "defined": "", "source": ""}
        return made | nothing | {"verdict": UNMEASURED, "reads": []}
    except ArithmeticError as error:
        raise RecordError(f"{claim.record.file}: {claim.key}: no figure ({error})") from error
    return made | {
        "ours": round(found.value, 9),
        "shown": claim.show(found.value),
        "deviation": _rounded(deviation(claim.paper, found.value)),
        "verdict": verdict(claim, found.value),
        "defined": compared(claim, found.value),
        "source": found.source,
        "reads": list(dict.fromkeys(one.where for one in root.reads)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _finite(value: float | None) -> float | None:
    """JSON has no infinity: an open end is None."""
    return value if value is not None and abs(value) != float("inf") else None


def rows(papers: Mapping[str, Paper], records: Records | None = None) -> list[dict[str, Any]]:
    """A record for each paper: ``name``, ``short``, ``cited`` and ``rows``."""
    records = records or Records()
    return [
        {
            "name": name,
            "short": one.short,
            "cited": one.cited,
            "rows": [row(claim, records) for claim in one.claims],
        }
        for name, one in papers.items()
    ]


def data(papers: Mapping[str, Paper], records: Records | None = None) -> dict[str, Any]:
    """All of ``claims.json``."""
    made = rows(papers, records)
    return {
        "tolerance": TOLERANCE,
        "rough": ROUGH,
        "counts": counts(one for paper in made for one in paper["rows"]),
        "papers": made,
    }


def counts(found: Iterable[Row]) -> dict[str, int]:
    """How many rows have which verdict."""
    made = dict.fromkeys(VERDICTS, 0)
    for one in found:
        made[one["verdict"]] += 1
    return made
