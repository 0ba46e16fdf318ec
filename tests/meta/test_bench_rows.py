"""Rows that ran from RTL: what docs/<design>.json keeps of them, and that they are its figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.places import ROOT
from scripts.bench.networks import cli, evaluation, rows
from scripts.bench.networks.measure import by_model

SCNN = evaluation.of("scnn")
DOCS: dict[str, Any] = json.loads((ROOT / "docs" / "scnn.json").read_text(encoding="utf-8"))
RECORD: dict[str, Any] = {
    "network": "alexnet", "layer": "conv1", "variant": "tuned", "maps": "iid", "seed": 1,
    "cycles": 7, "compared": 5, "simulator": "verilator", "source": "rtl", "bit_exact": True,
    "counter_errors": [], "granularity": "", "cropped": False, "changes": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"source": "model"},
        {"bit_exact": False},
        {"counter_errors": ["cycles"]},
        {"granularity": "fine"},
        {"cropped": True},
        {"changes": {"kc": 8}},
        {"seed": 2},
    ],
    ids=lambda one: next(iter(one)),
)
def test_only_whole_rows_without_a_fault_are_kept(change: dict[str, Any]) -> None:
    assert len(rows.joined(SCNN, [], [RECORD])) == 1
    assert rows.joined(SCNN, [], [RECORD | change]) == []


def test_rows_of_earlier_calls_stay(tmp_path: Path) -> None:
    place = tmp_path / "scnn.json"
    place.write_text(json.dumps(DOCS | {"rows": []}))
    cli.write_rows(SCNN, [RECORD | {"layer": "conv2-1"}, RECORD], tmp_path)
    cli.write_rows(SCNN, [RECORD | {"cycles": 9}], tmp_path)
    found = json.loads(place.read_text())
    assert [(one["layer"], one["cycles"]) for one in found["rows"]] == [
        ("conv1", 9),
        ("conv2-1", 7),
    ]
    counts = {(one["network"], one["variant"], one["maps"]): one["rtl"] for one in found["summary"]}
    assert {key: count for key, count in counts.items() if count} == {
        ("alexnet", "tuned", "iid"): 2
    }
    assert found["studies"] == DOCS["studies"]


def test_rows_add_up_to_their_network() -> None:
    """Those of a network that ran from RTL as a whole are its cycles, to the last one."""
    whole = 0
    for one in DOCS["summary"]:
        mine = rows.of_network(DOCS["rows"], one)
        assert one["rtl"] == len(mine)
        total = sum(row["cycles"] for row in mine)
        if len(mine) == one["layers"]:
            assert total == one["cycles"], one
            whole += 1
        else:
            assert total < one["cycles"], one
    assert whole


def test_a_row_takes_what_it_takes_today() -> None:
    layer = "googlenet-5b-5x5-reduce"
    (kept,) = (one for one in DOCS["rows"] if f"{one['network']}-{one['layer']}" == layer)
    found = by_model(SCNN.case(layer, "tuned", "iid", 1, "model"))
    assert (found["cycles"], found["compared"]) == (kept["cycles"], kept["compared"])
