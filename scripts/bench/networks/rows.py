"""Rows of an evaluation that have run from RTL, in any number of calls, for docs/<design>.json.

All rows together take an hour, so nobody runs them at once. A row is kept when every output was
right and every counter that of the cycle model; the documents count those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scripts.bench.networks.evaluation import Data, Evaluation, Record

#: Fields of a record that are kept.
KEPT = ("network", "layer", "variant", "maps", "seed", "cycles", "compared", "simulator")


def exact(record: Record) -> bool:
    """Whether it is a whole row from RTL, of the first seed, with nothing wrong."""
    wrong = not record["bit_exact"] or record["counter_errors"]
    part = record["granularity"] or record.get("cropped") or record["changes"]
    return record["source"] == "rtl" and record["seed"] == 1 and not (wrong or part)


def joined(mine: Evaluation, old: Iterable[Record], records: Iterable[Record]) -> list[Record]:
    """The rows of earlier calls and of this one, in the order of the evaluation."""
    rows = {_key(one): one for one in old}
    for one in filter(exact, records):
        rows[_key(one)] = {name: one[name] for name in KEPT}
    order = {name: at for at, name in enumerate(mine.rows)}
    return sorted(rows.values(), key=lambda one: (order[_name(one)], one["variant"], one["maps"]))


def _name(record: Record) -> str:
    return f"{record['network']}-{record['layer']}"


def _key(record: Record) -> tuple[str, ...]:
    return _name(record), record["variant"], record["maps"]


def counted(found: Data, rows: Sequence[Record]) -> dict[str, Any]:
    """docs/<design>.json with these rows, which its summary counts."""
    summary = [one | {"rtl": len(of_network(rows, one))} for one in found["summary"]]
    return {**found, "summary": summary, "rows": list(rows)}


def of_network(rows: Iterable[Record], summary: Record) -> list[Record]:
    """The rows that a line of the summary is about."""
    keys = ("network", "variant", "maps")
    return [one for one in rows if all(one[key] == summary[key] for key in keys)]
