"""Output for other tools: every design's YAML, the three csv reports, the schema of the records."""

from __future__ import annotations

import csv
import io
import json
from math import prod
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from models import registry
from models.dataflow import FORMATS, TENSORS, Action, Dataflow, uncompressed
from models.places import ROOT
from scripts import lacuna
from scripts.bench import figures
from scripts.bench import schema as bench_schema
from scripts.bench.networks import evaluation
from scripts.measure import schema
from scripts.measure.other_tools import write_tools
from scripts.measure.scale_sim import REPORTS, reports
from scripts.measure.sparseloop import described, to_yaml
from scripts.run import cli as run
from tests.meta.schemas import misfits
from tests.meta.test_run_arrays import draw_layer, player

LAYER = draw_layer((10, 5, 3, 3), (2, 5, 7, 6), stride=1, padding=1, name="toy")


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """A record of each design, by model."""
    return [dict(one.record) for one in lacuna.compare(LAYER, rtl=False)]


def test_every_design_is_described(records):
    assert [one["design"] for one in records] == list(registry.DESIGNS)
    for record in records:
        tree = yaml.safe_load(to_yaml(described(record)))
        assert tree == json.loads(json.dumps(described(record)))
        spaces = tree["sparse-optimizations"]["representation-format"]["data-spaces"]
        assert [one["name"] for one in spaces] == list(TENSORS)
        assert all(rank["format"] in FORMATS for one in spaces for rank in one["ranks"])
        assert tree["problem"]["instance"]["K"] == 10
        assert tree["measured"]["cycles-compute"] == record["cycles_compute"]
        for one in tree["sparse-optimizations"]["action-optimization"]:
            assert one["type"] in ("gating", "skipping")


def test_space_is_as_wide_as_the_multipliers(records):
    for record in records:
        tree = described(record)
        sizes = [one["size"] for one in tree["mapping"]["spacetime"]["space"]]
        assert prod(sizes) == tree["architecture"]["multipliers"], record["design"]


def test_the_dataflow_follows_the_build():
    design = registry.design("sparse_on_dense")
    formats = []
    for kind in (0, 1, 2):
        made = design.dataflow(design.config(wgt_format=kind))
        formats.append(made.formats["Weights"][-1][1])
    assert formats == ["CP", "B", "CP"]
    relaxed = registry.design("flexflow_pro")
    assert not relaxed.dataflow(relaxed.config(relaxed=False)).actions


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formats": {"Weights": (("K", "X"),)}}, "formats: found"),
        ({"stationary": "All"}, "stationary: found All"),
        ({"space": (("K", 0),)}, "space: found K: 0"),
        ({"words": {}}, "formats: found"),
    ],
)
def test_a_wrong_dataflow_is_refused(change, message):
    good: dict[str, Any] = {
        "stationary": "Weights",
        "formats": {name: uncompressed("KC") for name in TENSORS},
        "order": ("K",),
        "space": (("K", 2),),
        "words": dict.fromkeys(TENSORS, 16),
        "metadata": dict.fromkeys(TENSORS, 0),
    }
    assert Dataflow(**good)
    if "formats" in change:
        change = {"formats": good["formats"] | change["formats"]}
    with pytest.raises(ValueError, match=message):
        Dataflow(**(good | change))
    with pytest.raises(ValueError, match="action: found"):
        Action("sleeping", "Weights", ("Inputs",))


def test_reports_have_units_and_add_up(records):
    tables = {
        name: list(csv.DictReader(io.StringIO(text))) for name, text in reports(records).items()
    }
    assert set(tables) == set(REPORTS) and len(tables) == 3
    for rows in tables.values():
        assert [row["Design"] for row in rows] == list(registry.DESIGNS)
        for head in list(rows[0])[3:]:
            assert head.endswith(("(cycles)", "(%)", "(words)", "(words/cycle)")), head
    for row, record in zip(tables["COMPUTE_REPORT.csv"], records, strict=True):
        total, compute = (int(row[f"{one} Cycles (cycles)"]) for one in ("Total", "Compute"))
        assert total - compute == int(row["Stall Cycles (cycles)"])
        assert 0 < float(row["Compute Util (%)"]) <= 100
        assert float(row["Overall Util (%)"]) <= float(row["Compute Util (%)"]) + 1e-3
        assert compute == record["cycles_compute"]
    access = tables["DETAILED_ACCESS_REPORT.csv"][1]
    memory = records[1]["memory"]
    assert int(access["SRAM OFMAP Writes (words)"]) == memory["psum"]["writes"]


def test_a_run_leaves_them(tmp_path, records):
    made = write_tools(tmp_path, records)
    assert len(made) == len(records) + 3
    again = write_tools(tmp_path, records[:1])
    assert [one.name for one in again if one.suffix == ".yaml"] == ["0-eie-toy.yaml"]


def test_make_run_leaves_them(tmp_path):
    import numpy as np

    np.savez(tmp_path / "my.npz", weights=LAYER.weights, activations=LAYER.inputs, padding=1)
    given = ["--out", str(tmp_path / "out"), "--layer", str(tmp_path / "my.npz")]
    given += ["--design", "dense", "--config", "rows=4,cols=8"]
    assert run.main(given, player()) == 0
    names = {one.name for one in (tmp_path / "out" / "tools").iterdir()}
    assert names == {"0-dense-my.yaml", *REPORTS}
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert misfits(data, schema.schema()) == []


# ---------------------------------------------------------------- schema


def test_the_committed_schemas_are_those_of_the_code():
    for made in (schema, bench_schema):
        assert made.PATH.read_text(encoding="utf-8") == schema.text(made.schema())
        Draft202012Validator.check_schema(made.schema())


def test_records_fit_the_schema(records):
    form = schema.schema()
    for record in records:
        plain = {key: one for key, one in record.items() if key != "source"}
        assert misfits(plain, form, "record") == []
    spoiled = {**plain, "cycles": "many", "odd": 1}
    del spoiled["design"]
    assert len(misfits(spoiled, form, "record")) == 3


@pytest.mark.parametrize("made", [schema, bench_schema], ids=["results", "bench"])
def test_every_field_is_explained(made):
    for part in made.schema()["$defs"].values():
        for key, one in part["properties"].items():
            told = {"const", "$ref"} & set(one) or one.get("type") == "array"
            assert told or len(one["description"]) > 5, key


# ---------------------------------------------------------------- bench.json

BENCH = bench_schema.schema()


@pytest.mark.parametrize("name", evaluation.names())
def test_committed_networks_fit_the_schema(name):
    data = json.loads((ROOT / "docs" / f"{name}.json").read_text(encoding="utf-8"))
    assert data["summary"]
    for one in data["summary"]:
        assert misfits(one, BENCH, f"{name}-summary") == []
    fields = BENCH["$defs"][f"{name}-run"]["properties"]
    for one in data.get("rows", ()):
        assert misfits(one, {"properties": fields, "additionalProperties": False}) == []


def test_committed_layers_fit_the_schema():
    """They are parts of records."""
    form = {key: one for key, one in BENCH["$defs"]["layer"].items() if key != "required"}
    for one in figures.load("eie"):
        assert misfits(one, form) == []
    assert len(misfits({**one, "ratio": None, "odd": 1}, form)) == 2


@pytest.mark.parametrize("name", evaluation.names())
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cycles": 1.5}, "1.5 is not of type 'integer'"),
        ({"speedup": None}, "None is not of type 'number'"),
        ({"design": "dense"}, "was expected"),
        ({"odd": 1}, "'odd' was unexpected"),
        ({"layers": ...}, "'layers' is a required property"),
    ],
)
def test_a_wrong_summary_does_not_fit(name, change, message):
    data = json.loads((ROOT / "docs" / f"{name}.json").read_text(encoding="utf-8"))
    spoiled = data["summary"][0] | change
    spoiled = {key: one for key, one in spoiled.items() if one is not ...}
    (found,) = misfits(spoiled, BENCH, f"{name}-summary")
    assert message in found
