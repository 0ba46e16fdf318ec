"""``make bench DESIGN=cambricon_se``: goals, studies, streams; the page is what the models say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.cambricon_se.compiler import compile
from models.cambricon_se.packets import packed
from models.energy import EnergyTable
from models.golden import golden
from models.workloads.cambricon_se import (
    GOALS,
    MAPS,
    SCALING,
    cambricon_se_layer,
    frame_layer,
    frame_lines,
)
from scripts import kept
from scripts.bench import cli as bench
from scripts.bench import schema as bench_schema
from scripts.bench.networks import cli, evaluation, page, summary, tables
from scripts.bench.networks.cambricon_se import cases, results, studies
from scripts.bench.networks.cambricon_se.cases import ROWS, VARIANTS, Case
from scripts.bench.networks.measure import Tools, by_model, measure
from scripts.bench.networks.results import page_of
from tests.meta.schemas import misfits
from tests.meta.test_run_arrays import player

CSE = evaluation.of("cambricon_se")
LAYER = "googlenet-5b-5x5-reduce"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing kept by others, and a wide terminal."""
    monkeypatch.setattr(kept, "build_root", lambda: tmp_path / "build")
    monkeypatch.setenv("COLUMNS", "300")


def go(tmp_path, *arguments, **options) -> int:
    asked = ["--design", "cambricon_se", "--jobs", "1", "--out", str(tmp_path / "out"), *arguments]
    return bench.main(asked, **options)


@pytest.fixture(scope="module")
def good() -> dict:
    """A record of a small layer, by the model."""
    return by_model(Case(LAYER, "tuned"))


# ---------------------------------------------------------------- records


def test_a_record_says_what_ran(good):
    summary.check(good)
    assert good["bit_exact"] and good["macs"] == 48 * 832 * 49
    assert good["slots"]["padding"] == good["slots"]["bank"] == 0 < good["slots"]["useful"]
    assert 1.2 < good["speedup"] < 5


@pytest.mark.parametrize("key", ["macs", "energy_pj", "loaded_words", "traffic"])
def test_a_record_without_a_key_is_noticed(good, key):
    with pytest.raises(summary.RecordError, match=f"key '{key}' is missing"):
        summary.check({name: value for name, value in good.items() if name != key})


def test_variants_are_what_they_say(good):
    """X-like is the baseline of all, whatever the maps, and has as many multipliers and weights."""
    base, natural, more = (by_model(Case(LAYER, name)) for name in ("x_like", "natural", "more"))
    assert base["speedup"] == 1 and base["slots"]["padding"] > 0
    for one in (good, natural, more, by_model(Case(LAYER, "tuned", maps="clustered"))):
        assert one["baseline_cycles"] == base["cycles"] > one["cycles"]
    assert good["cycles"] < natural["cycles"] and good["cycles"] < more["cycles"]
    assert base["weight_density"] == pytest.approx(good["weight_density"], rel=0.1)
    assert more["weight_density"] == pytest.approx(1.2 * good["weight_density"], rel=0.1)
    multipliers = {one["mac_slots"] / one["cycles"] for one in (good, base, natural, more)}
    assert multipliers == {512}


def test_the_baseline_has_as_many_cores():
    one = Case(LAYER, "tuned", changes=(("cores", 1), ("window", 64)))
    base = by_model(Case(LAYER, "x_like", changes=(("cores", 1),)))
    assert by_model(one)["baseline_cycles"] == base["cycles"]


def test_energy_is_counted_by_hand(good):
    """X-like multiplies zero neurons; a packed build none here."""
    base, table = by_model(Case(LAYER, "x_like")), EnergyTable.load()
    each = table.multiply(16, 16) + table.add(48)
    for one in (good, base):
        executed = one["mac_useful"] + one["counters"]["slot_padding"]
        assert one["energy_pj"]["mac"] == pytest.approx(executed * each)
        words = sum(one["loaded_words"].values())
        assert one["energy_pj"]["dram"] == pytest.approx(table.dram(64 * words))
    assert good["energy_pj"]["idx"] < base["energy_pj"]["idx"]


def test_traffic_is_counted_by_hand(good):
    """Streams of one pass each: weights once, results packed by groups, codes by entropy."""
    layer, found = cambricon_se_layer(LAYER.replace("_fc", "")), good["traffic"]
    assert found["wgt_plain"] == 16 * layer.weights.size
    assert found["wgt"] == 64 * good["loaded_words"]["wgt"]
    config = Case(LAYER, "tuned").config
    answers = golden(layer, 16)[0].reshape(-1, 16, 49).transpose(0, 2, 1).reshape(-1, 16)
    assert found["out"] == 16 * answers.size
    assert found["out_packed"] == 64 * packed(answers, 16).size
    huffman = compile(layer, replace(config, huffman=True))
    assert found["wgt_huffman"] == 64 * huffman.words["wgt"] < found["wgt"]
    assert found["act_packed"] < found["act"]


def test_where_layers_run():
    """Layers of the issue from RTL packed, a convolution and a fully connected one on all."""
    found = {name for name in CSE.rows if cases.simulated(name, "tuned")}
    assert found == {name for name in CSE.rows if name.startswith(cases.SIMULATED)}
    assert len(found) == 3 + 2 + 6 + 1
    for variant in ("x_like", "natural"):
        some = {name for name in CSE.rows if cases.simulated(name, variant)}
        assert some == set(cases.OTHERS)
    assert not any(cases.simulated(name, "more") for name in CSE.rows)
    rtl = [case for case in studies.every_case("rtl") if case.source == "rtl"]
    assert rtl == [studies.packed_case("rtl")]


def test_maps_are_run_where_they_differ(tmp_path):
    """Neurons do not change X-like, and fully connected layers have one kind of maps."""
    asked = ["--design", "cambricon_se", "--out", str(tmp_path), "--no-studies"]
    plan = cli.Plan(cli.parser(CSE).parse_args(asked), CSE)
    keys = {(one.layer, one.variant, one.maps) for one in plan.cases}
    assert len(keys) == len(plan.cases) == 79 * 4 + 73
    assert (LAYER, "x_like", "clustered") not in keys
    assert ("alexnet_fc-fc7", "tuned", "clustered") not in keys
    plan.own.release()


def test_rtl_and_model_make_the_same_record(tmp_path, good):
    found = measure(Case(LAYER, "tuned", source="rtl"), Tools(folder=tmp_path, player=player()))
    summary.check(found)
    same = set(good) - {"source", "seconds"}
    assert {name: found[name] for name in same} == json.loads(
        json.dumps({name: good[name] for name in same})
    )


def flip(result) -> None:
    result.packets[0][0] ^= np.uint64(1)


def lose(result) -> None:
    result.counters[0]["idx_reads"] += 1


@pytest.mark.parametrize(("change", "text"), [(flip, "outputs differ"), (lose, "idx_reads is")])
def test_wrong_rtl_is_noticed(tmp_path, capsys, change, text):
    def play(program, *options, **more):
        """Spoils the layer, not what the build is tried on."""
        mine = program.outputs.shape[1] == 48
        return player(change if mine else lambda result: None)(program, *options, **more)

    asked = ["--layers", LAYER, "--no-studies", "--variants", "tuned", "--maps", "iid"]
    asked += ["--source", "rtl"]
    assert go(tmp_path, *asked, player=player()) == bench.OK
    assert "all goals met" in capsys.readouterr().out
    assert misfits(page.load(tmp_path / "out"), bench_schema.schema(), "networks") == []
    assert go(tmp_path, *asked, player=play) == bench.FAILED
    assert text in capsys.readouterr().err


# ---------------------------------------------------------------- goals


def test_goals_are_of_iid_maps_at_equal_density():
    for network in ROWS:
        assert CSE.goal(network, "tuned", "iid") == GOALS["tuned"][network] == 1.20
        for variant, maps in (("tuned", "clustered"), ("more", "iid"), ("natural", "iid")):
            assert CSE.goal(network, variant, maps) is None


def test_cores_that_do_not_scale_are_a_problem(tmp_path, capsys, monkeypatch):
    def point(number, scaling):
        goal = SCALING.get(number)
        return {"network": "vgg16", "cores": number, "scaling": scaling, "goal": goal}

    assert not results.missed([point(1, 1.0), point(2, 1.9), point(4, 3.6)])
    assert results.missed([point(2, 1.89), point(4, 3.7)]) == [
        "vgg16, 2 cores: 1.890 times one, goal at least 1.90"
    ]
    assert CSE.missed({"cores": []}) == []
    monkeypatch.setattr(results, "missed", lambda found: ["a study misses its goal"])
    asked = ["--layers", LAYER, "--no-studies", "--variants", "tuned", "--maps", "iid"]
    assert go(tmp_path, *asked, "--source", "model") == bench.FAILED
    assert "a study misses its goal" in capsys.readouterr().err


# ---------------------------------------------------------------- studies


def test_every_study_has_the_default_build():
    usual = Case(LAYER, "tuned").config
    for study, builds in studies.BUILDS.items():
        same = [Case(LAYER, "tuned", changes=tuple(one.items())).config for one in builds.values()]
        assert same.count(usual) == 1, study
        assert len({repr(one) for one in same}) == len(same), study


def test_parts_of_frames_are_of_their_layers():
    """Rows of the real border at both sides, real neurons above and below."""
    layer = frame_layer("vgg16-conv5-1")
    assert layer.out_shape == (1, 512, 7, 120) and layer.border == 0
    assert not layer.inputs[..., 0].any() and not layer.inputs[..., -1].any()
    assert layer.inputs[:, :, 0].any() and layer.inputs[:, :, -1].any()
    for row in ROWS["vgg16"]:
        part, whole = frame_lines(f"vgg16-{row}")
        assert part < whole <= 1080
    with pytest.raises(ValueError, match="layer: found 'alexnet-conv3'"):
        frame_layer("alexnet-conv3")


def test_frames_are_parts_times_lines(monkeypatch):
    """Two rows, by hand."""
    monkeypatch.setattr(studies, "FRAMES", {"so": {}})
    monkeypatch.setitem(ROWS, "vgg16", ("conv1-1", "conv5-1"))
    bits = {"wgt": 64, "act": 6400, "act_packed": 3200, "out": 640, "out_packed": 64}
    found = {case: {"cycles": 1000, "traffic": bits} for case in studies.frame_cases().values()}
    (one,) = results.frames(found)
    times = 1080 / frame_lines("vgg16-conv1-1")[0] + 67 / frame_lines("vgg16-conv5-1")[0]
    assert one["cycles"] == round(1000 * times) and one["packed"] == round(52 * times)
    assert one["fps"] == pytest.approx(1e9 / (1000 * times))
    assert one["fps_packed"] == pytest.approx(1e9 / (1052 * times))
    assert one["fps_plain"] == pytest.approx(1e9 / (1111 * times))


def test_where_the_ratio_is_reached_is_between_two_points():
    points = [(1.0, 1.0), (0.5, 1.5), (0.4, 1.9)]
    assert results.at_ratio(points, 1.71) == pytest.approx(0.4475)
    assert results.at_ratio(points[:2], 1.71) is None


def test_everything_is_on_the_page(tmp_path, monkeypatch):
    """One layer, studies of one layer, no gates."""
    row = LAYER.partition("-")[2]
    monkeypatch.setattr(studies, "PARTS", dict.fromkeys(["googlenet"], (row,)))
    monkeypatch.setattr(studies, "LAYERS", (LAYER,))
    monkeypatch.setattr(studies, "SCALED", ())
    monkeypatch.setattr(studies, "DENSITIES", (0.5, 0.3))
    monkeypatch.setattr(studies, "DENSITY_LAYERS", (LAYER,))
    monkeypatch.setattr(studies, "PRINTED", {"googlenet": 0.4})
    monkeypatch.setattr(studies, "FRAMES", {})
    assert go(tmp_path, "--layers", LAYER, "--source", "model") == bench.OK
    found = page.load(tmp_path / "out")
    assert misfits(found, bench_schema.schema(), "networks") == []
    text = (tmp_path / "out" / "bench.html").read_text()
    titles = [one.title for one in tables.all_tables(found)]
    assert {"Speed-up of the networks", "Window", "Traffic",
            "Live neurons", "Layers"} <= set(titles)  # fmt: skip
    assert all(f"<h2>{title}</h2>" in text for title in titles)


# ---------------------------------------------------------------- what is committed


@pytest.fixture(scope="module")
def committed() -> dict:
    return json.loads(page_of("cambricon_se").read_text(encoding="utf-8"))


def test_the_page_is_of_whole_networks_and_its_goals_are_met(committed):
    keys = {(one["network"], one["variant"], one["maps"]) for one in committed["summary"]}
    wanted = {
        (network, variant, maps)
        for network in ROWS
        for variant in VARIANTS
        for maps in MAPS
        if cases.drawn_in(f"{network}-", variant, maps)
    }
    assert keys == wanted and len(committed["summary"]) == len(keys)
    for one in committed["summary"]:
        assert one["whole"] and one["layers"] == len(ROWS[one["network"]])
        assert one["goal"] == CSE.goal(one["network"], one["variant"], one["maps"])
    assert not list(summary.problems([], committed["summary"]))
    assert not results.missed(committed["studies"]["cores"])
    assert {one["cores"] for one in committed["studies"]["cores"]} == set(studies.CORES)


def test_the_page_says_what_the_models_say_today(committed):
    now = by_model(Case("googlenet-5b-1x1", "tuned"))
    one = next(
        one
        for one in committed["studies"]["traffic"]
        if (one["network"], one["layer"]) == ("googlenet", "5b-1x1")
    )
    assert one["cycles"] == pytest.approx(now["cycles"], rel=5e-3)
    assert one["bits"] == pytest.approx(now["traffic"], rel=5e-3)


def test_layers_from_rtl_are_right(committed):
    found = committed["studies"]["simulated"]
    assert {one["layer"] for one in found} == {
        name for name in CSE.rows if name.startswith(cases.SIMULATED)
    }
    assert {one["variant"] for one in found} == {"tuned", "natural", "x_like"}
    assert all(one["bit_exact"] and one["equal"] and one["compared"] for one in found)
    assert sum(one["layer"] == studies.PACKED and one["variant"] == "tuned" for one in found) == 2


def test_a_change_of_the_build_is_a_case_of_its_own():
    one = Case(LAYER, "tuned")
    assert replace(one, changes=(("window", 64),)).config.window == 64
    assert evaluation.changed({"window": 64}) == (("window", 64),)
