"""``make bench DESIGN=scnn``: totals and goals; wrong records and wrong RTL are noticed; page."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from models import registry, scnn
from models.scnn.machine import Machine
from models.scnn.memories import memories
from models.socket import COUNTERS
from models.workloads.scnn import GOALS, NETWORKS
from scripts import kept
from scripts.bench import cli as bench
from scripts.bench import schema as bench_schema
from scripts.bench.networks import cli, evaluation, page, summary, tables
from scripts.bench.networks import measure as measuring
from scripts.bench.networks.measure import Tools, by_model, key_of, measure
from scripts.bench.networks.scnn import cases, results, studies
from scripts.bench.networks.scnn.cases import Case
from tests.meta.schemas import misfits

SCNN = evaluation.of("scnn")
LAYER = "googlenet-5b-5x5-reduce"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing kept by others, and a wide terminal."""
    monkeypatch.setattr(kept, "build_root", lambda: tmp_path / "build")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def good() -> dict:
    """A record of a crop, by the model."""
    return by_model(Case(LAYER, "tuned", filters=4))


def player(change=lambda result: None):
    """A simulator that does what the models say, and then ``change``."""

    def run(program, config, **options):
        machine = Machine(config)
        names = dict.fromkeys([name for name, _ in COUNTERS], 0)
        counters, packets = [], []
        for item, one in zip(program.passes, scnn.cycles(program, config), strict=True):
            _, words, _ = machine.run(item)
            counters.append(names | one.counters | {"cycles": one.compute + 99})
            packets += [] if words is None else [words]
        result = SimpleNamespace(
            counters=counters, packets=packets, sim_seconds=1.0, sim_cycles=1000, trace=None
        )
        change(result)
        return result

    return run


@pytest.fixture
def _registered(monkeypatch):
    """The registry knows SCNN, as far as running a layer needs it."""
    design = SimpleNamespace(
        compile=scnn.compile,
        unpack=scnn.unpack,
        cycles=scnn.cycles,
        memories=memories,
        causes=lambda *_: {},
        computed=lambda layer, _: layer,
    )
    made = ModuleType("scnn_of_test")
    vars(made)["DESIGN"] = design
    monkeypatch.setitem(sys.modules, "scnn_of_test", made)
    monkeypatch.setitem(registry.DESIGNS, "scnn", "scnn_of_test")


def go(tmp_path, *arguments, **options) -> int:
    asked = ["--design", "scnn", "--jobs", "1", "--out", str(tmp_path / "out"), *arguments]
    return bench.main(asked, **options)


# ---------------------------------------------------------------- records


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cycles": 0}, "0 cycles"),
        ({"source": "guess"}, "source is 'guess', allowed rtl, model"),
        ({"compared": 0}, "bit exact, but nothing was compared"),
        ({"compared": "many"}, "compared is 'many', need int"),
        ({"speedup": 9.9}, "speedup is 9.9, its cycles say"),
        ({"baseline_cycles": 1}, "its cycles say"),
        ({"mac_useful": 10**12}, "1000000000000 useful multiplies in"),
        ({"slots": {"useful": 1}}, "slots {'useful': 1} are not"),
        ({"bit_exact": None}, "bit_exact is None, need bool"),
    ],
)
def test_a_wrong_record_is_noticed(good, changes, message):
    summary.check(good)
    with pytest.raises(summary.RecordError, match=message):
        summary.check(good | changes)


@pytest.mark.parametrize("key", [*summary.SCHEMA, *SCNN.schema])
def test_a_record_without_a_key_is_noticed(good, key):
    with pytest.raises(summary.RecordError, match=f"key '{key}' is missing"):
        summary.check({name: value for name, value in good.items() if name != key})


def test_networks_are_totals_not_means(good):
    """Two layers of speed-ups 4 and 1: eight cycles in five."""
    one = good | {"cycles": 1, "baseline_cycles": 4, "array_cycles": 2, "layer": "a"}
    other = good | {"cycles": 4, "baseline_cycles": 4, "array_cycles": 8, "layer": "b"}
    (found,) = summary.summaries([one, other])
    assert found["speedup"] == 1.6 and found["array_speedup"] == 2.0
    assert not found["whole"] and found["layers"] == 2 and found["rtl"] == 0


def test_missed_goals_and_wrong_layers_are_problems(good):
    """A goal counts for whole networks only."""
    whole = [good | {"layer": layer} for layer in NETWORKS["googlenet"]]
    (found,) = summary.summaries(whole)
    assert found["whole"] and found["goal"] == GOALS["tuned"]["googlenet"]
    slow = found | {"speedup": found["goal"] - 0.001}
    assert list(summary.problems([], [slow])) == [
        "googlenet ours: speed-up 2.999, goal at least 3.00"
    ]
    assert not list(summary.problems([], [slow | {"whole": False}]))
    wrong = good | {"bit_exact": False, "different": 3, "first_difference": "here"}
    wrong |= {"counter_errors": ["mac_useful is 1 in RTL"]}
    assert [line.partition(": ")[2] for line in summary.problems([wrong], [])] == [
        f"3 of {good['compared']} outputs differ, first here",
        "counter mac_useful is 1 in RTL",
    ]


# ---------------------------------------------------------------- cases


def test_what_is_asked_for_is_drawn():
    """Variants, crops, densities, granularities; keys tell all of them apart."""
    plain, tuned = (Case(LAYER, variant, filters=4) for variant in ("plain", "tuned"))
    assert (plain.config.kc, plain.config.shapes) == (8, False) and tuned.config.shapes
    assert plain.made().weights.shape[0] == 4 and plain.cropped
    dense = replace(plain, density=1.0)
    assert np.count_nonzero(dense.made().weights) == dense.made().weights.size
    other = replace(plain, changes=(("lane_depth", 2),))
    assert other.config.lane_depth == 2
    every = [plain, tuned, dense, other, replace(plain, seed=2), replace(plain, maps="clustered")]
    assert len({key_of(one) for one in every}) == len(every)
    vector = Case("vgg16-conv5-1", "plain", filters=4, grain="vector")
    rows = vector.made().weights.reshape(-1, 3)
    assert set(np.count_nonzero(rows, axis=1)) == {0, 3}


def test_the_array_has_as_many_multipliers():
    config = cases.array_config()
    assert config.multipliers == Case(LAYER, "plain").config.multipliers == 1024
    layer = Case(LAYER, "plain", filters=40).made()
    dense = registry.design("dense")
    passes = dense.cycles(dense.compile(layer, config), config)
    shapes = layer.weights.shape, layer.inputs.shape
    assert cases.array_cycles(*shapes, layer.border) == sum(one.compute for one in passes)


def test_a_result_of_the_model_is_kept(monkeypatch):
    case = Case(LAYER, "plain", filters=4)
    first = measure(case, Tools())
    monkeypatch.setattr(measuring, "by_model", lambda case: pytest.fail("asked again"))
    assert measure(case, Tools()) == json.loads(json.dumps(first))
    monkeypatch.setattr(measuring, "by_model", lambda case: {"fresh": True})
    assert measure(case, Tools(fresh=True)) == {"fresh": True}


@pytest.mark.usefixtures("_registered")
def test_rtl_and_model_make_the_same_record(tmp_path, good):
    case = Case(LAYER, "tuned", filters=4, source="rtl")
    found = measure(case, Tools(folder=tmp_path, player=player()))
    summary.check(found)
    same = set(good) - {"source", "seconds"}
    assert {name: found[name] for name in same} == {name: good[name] for name in same}
    assert found["source"] == "rtl"


def flip(result) -> None:
    """The lowest bit of the first value of the layer (not of what the build is tried on): behind a
    header and twelve words of counts."""
    if result.packets[0].size > 1000:
        result.packets[0][13] ^= np.uint64(1)


def lose(result) -> None:
    result.counters[0]["psum_reads"] += 1


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize(("change", "text"), [(flip, "outputs differ"), (lose, "psum_reads is")])
def test_wrong_rtl_is_noticed(tmp_path, capsys, change, text):
    asked = ["--layers", LAYER, "--no-studies", "--variants", "tuned", "--maps", "iid"]
    asked += ["--source", "rtl"]
    assert go(tmp_path, *asked, player=player()) == bench.OK
    assert "all goals met" in capsys.readouterr().out
    assert go(tmp_path, *asked, player=player(change)) == bench.FAILED
    assert text in capsys.readouterr().err


@pytest.mark.usefixtures("_registered")
def test_a_build_that_fails_is_said(tmp_path, capsys):
    def broken(*arguments, **options):
        raise RuntimeError("no compiler")

    asked = ["--layers", LAYER, "--no-studies", "--source", "rtl"]
    assert go(tmp_path, *asked, player=broken) == bench.FAILED
    assert "missed: no compiler" in capsys.readouterr().err


@pytest.mark.usefixtures("_registered")
def test_what_passed_in_rtl_is_not_run_again_if_so_asked(tmp_path, capsys):
    """And what did not pass is."""
    seen = []
    asked = ["--layers", LAYER, "--variants", "tuned", "--source", "rtl"]

    def counted(change=lambda result: None):
        def run(*arguments, **options):
            seen.append(1)
            return player(change)(*arguments, **options)

        return run

    def wrong(result):
        result.counters[0]["mac_useful"] += 1

    for change, more, number in (
        (wrong, [], 2),  # the build, and the layer
        (None, ["--resume"], 2),
        (None, ["--resume"], 1),
        (None, [], 2),
    ):
        seen.clear()
        go(tmp_path, *asked, *more, player=counted(change) if change else counted())
        assert len(seen) == number
    assert "all goals met" in capsys.readouterr().out


# ---------------------------------------------------------------- studies, page, command line


def test_where_layers_run():
    """By default AlexNet and three modules of GoogLeNet from RTL, ours, on iid maps, no studies."""

    def source(*asked, variant="tuned"):
        return cli.source_of(SCNN, asked[0], variant, *asked[1:])

    found = [name for name in cli.rows("", SCNN) if source(name, "iid", "auto") == "rtl"]
    assert len(found) == 6 + 18 and source(found[0], "clustered", "rtl") == "model"
    assert source("vgg16-conv1-1", "iid", "rtl") == "rtl"
    assert source(found[0], "iid", "auto", variant="plain") == "model"
    assert source(found[0], "iid", "rtl", variant="plain") == "rtl"
    for asked, maps in (([], {"iid"}), (["--docs"], set(SCNN.maps))):
        plan = cli.Plan(cli.parser(SCNN).parse_args(asked), SCNN)
        plan.own.release()
        assert {one.maps for one in plan.cases} == maps
        assert bool(plan.studied) == bool(asked)
    assert source(found[0], "iid", "model") == "model"


def test_studies_cover_what_they_say():
    every = studies.every_case()
    assert len(every) == len(set(every))
    configs = [one.config for one in every]  # ValueError where a build is none
    assert {one.xbar_grants for one in configs} == {1, 2}
    assert {one.config.multipliers for one in studies.pe_cases().values()} == {1024}
    assert all(case.made for case in every)


def test_crossovers():
    points = [{"density": d, "speedup": s} for d, s in ((1.0, 0.5), (0.5, 1.0), (0.1, 3.0))]
    assert results.crossover(points) == 0.5
    assert results.crossover(points[:1]) is None and results.crossover(points[1:]) is None


def test_a_study_without_a_case_is_empty():
    found = results.of_studies({}, "model", [])
    assert not any(found.values()) and len(found) == 9


@pytest.fixture
def _crops(monkeypatch):
    """Studies of a few output channels of two layers."""
    few = {"googlenet": {"5b-5x5-reduce": NETWORKS["googlenet"]["5b-5x5-reduce"]}}
    monkeypatch.setattr(studies, "CROP", 4)
    monkeypatch.setattr(studies, "WIDE", 4)
    monkeypatch.setattr(studies, "NETWORKS", few | {"alexnet": {}})
    monkeypatch.setattr(studies, "CROSSBAR_LAYERS", (LAYER,))
    monkeypatch.setattr(studies, "MERGED_LAYERS", {"conv5-1": (8, 14)})
    monkeypatch.setattr(studies, "merged_whole", lambda: {
        "fine": Case("vgg16-conv5-1", "plain", filters=4, grain="fine")})  # fmt: skip
    monkeypatch.setattr(studies, "GRAINS", ("fine",))
    monkeypatch.setattr(studies, "sensitive_cases", lambda: [
        Case(LAYER, "plain", changes=evaluation.changed(studies.SENSITIVE))])  # fmt: skip


@pytest.mark.usefixtures("_crops")
def test_everything_is_on_the_page(tmp_path, capsys):
    """By the model: records, totals, studies with a table each, five pictures."""
    asked = ["--layers", LAYER, "--source", "model", "--maps", "iid,clustered", "--studies"]
    assert go(tmp_path, *asked) == bench.OK
    out = tmp_path / "out"
    data = json.loads((out / "bench.json").read_text())
    assert {(one["variant"], one["maps"]) for one in data["summary"]} == {
        (variant, maps) for variant in ("plain", "tuned") for maps in ("iid", "clustered")
    }
    grains = {(one["granularity"], one["merged"]) for one in data["runs"] if one["granularity"]}
    assert grains == {(grain, merged) for grain in studies.GRAINS for merged in (False, True)}
    text = (out / "bench.html").read_text()
    titles = [one.title for one in tables.all_tables(page.load(out))]
    assert len(titles) == 10 and all(f"<h2>{title}</h2>" in text for title in titles)
    assert text.count("<svg") == 5
    assert page.main([str(out)]) == 0
    form = bench_schema.schema()
    assert misfits(data, form, "networks") == misfits(data, form) == []
    assert misfits(data | {"runs": data["runs"][:1] + [{"design": "scnn"}]}, form, "networks")
    bad = json.loads((out / "bench.json").read_text())
    bad["runs"][0]["cycles"] += 1
    (out / "bench.json").write_text(json.dumps(bad))
    with pytest.raises(summary.RecordError, match="bench.json: .*its cycles say"):
        page.load(out)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--layers", "alexnet-conv9"], "layers: found 'alexnet-conv9'"),
        (["--variants", "fast"], "variants: found 'fast'"),
        (["--maps", "real"], "maps: found 'real'"),
    ],
)
def test_bad_options(tmp_path, capsys, arguments, text):
    assert go(tmp_path, *arguments) == bench.BAD_INPUT
    assert text in capsys.readouterr().err
