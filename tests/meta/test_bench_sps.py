"""``make bench DESIGN=sps``: goals, records, studies; the page in docs is what the models say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from rich.progress import Progress

from models.networks import load_digits
from models.sps.speedup import row
from models.workloads.sps import EVALUATED, sps_layer
from scripts import kept
from scripts.bench import cli as bench
from scripts.bench import schema as bench_schema
from scripts.bench.networks import evaluation, page, summary, tables
from scripts.bench.networks.measure import Tools, by_model, measure
from scripts.bench.networks.results import page_of
from scripts.bench.networks.sps import cases, energy, results, silicon
from scripts.bench.networks.sps.cases import KINDS, Case
from scripts.formats import claims
from scripts.train import granularity, periodic
from scripts.train.math import Layer as Trained
from tests.meta.schemas import misfits
from tests.meta.test_run_arrays import player

SPS = evaluation.of("sps")
LAYER = "resnet18-conv5_4"
SMALL = "resnet18-conv2_1"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing kept by others, and a wide terminal."""
    monkeypatch.setattr(kept, "build_root", lambda: tmp_path / "build")
    monkeypatch.setenv("COLUMNS", "300")


def go(tmp_path, *arguments, **options) -> int:
    asked = ["--design", "sps", "--jobs", "1", "--out", str(tmp_path / "out"), *arguments]
    return bench.main(asked, **options)


@pytest.fixture(scope="module")
def good() -> dict:
    """A record by the model."""
    return by_model(Case(LAYER, "kss4-p8"))


# ---------------------------------------------------------------- records


def test_a_record_says_what_ran(good):
    """512 x 512 kernels of four weights on 7 x 7 pixels: each slot of a step has a weight."""
    summary.check(good)
    assert good["operands"] == 512 * 512 * 4 * 49 and good["whole"]
    assert good["bit_exact"] and good["paper"] is None
    assert 2.2 < good["speedup"] < 2.26
    assert good["slots"]["padding"] > good["slots"]["useful"] > 0


@pytest.mark.parametrize("key", ["operands", "whole"])
def test_a_record_without_a_key_is_noticed(good, key):
    with pytest.raises(summary.RecordError, match=f"key '{key}' is missing"):
        summary.check({name: value for name, value in good.items() if name != key})


def test_variants_are_what_they_say():
    """Patterns, build and order; goals only where nothing is switched off."""
    assert [name for name, kind in KINDS.items() if kind.goal] == [
        "kss4-p4",
        "kss4-p8",
        "kss2-p8",
        "full4-p8",
    ]
    assert Case(LAYER, "kss4-p8-shared").config.row_offsets == 0
    fast, slow = (
        by_model(Case("resnet18-conv5_1", name)) for name in ("full4-p8", "full4-p8-unsorted")
    )
    assert fast["cycles"] < 0.6 * slow["cycles"] and not fast["whole"]
    assert slow["bit_exact"]


def test_where_layers_run():
    """Variants with a goal from RTL on three layers of VGG-16 and a strided one of ResNet-18."""
    found = {name for name in SPS.rows if cases.simulated(name, "kss4-p4")}
    assert found == set(cases.SIMULATED)
    assert sps_layer("resnet18-conv4_1", acts=False).step == 2
    assert not cases.simulated("vgg16-conv3_2", "kss4-p8-shared")


def test_rtl_and_model_make_the_same_record(tmp_path, good):
    found = measure(Case(LAYER, "kss4-p8", source="rtl"), Tools(folder=tmp_path, player=player()))
    summary.check(found)
    same = set(good) - {"source", "seconds"}
    assert {name: found[name] for name in same} == {name: good[name] for name in same}


def test_rtl_that_passed_is_not_run_again(tmp_path):
    """With --resume; what differed is."""
    case = Case(LAYER, "kss2-p8", source="rtl")
    tools = Tools(folder=tmp_path, player=player(), resume=True)
    first = measure(case, tools)
    broken = player(lambda result: pytest.fail("asked again"))
    assert measure(case, replace(tools, player=broken)) == json.loads(json.dumps(first))
    with pytest.raises(pytest.fail.Exception, match="asked again"):
        measure(case, replace(tools, player=broken, resume=False))
    other = replace(case, variant="kss4-p4")
    assert measure(other, replace(tools, player=player(lose)))["counter_errors"]
    assert not measure(other, tools)["counter_errors"]


def flip(result) -> None:
    result.packets[0][0] ^= np.uint64(1)


def lose(result) -> None:
    result.counters[0]["idx_reads"] += 1


def test_documents_want_the_studies(tmp_path, capsys):
    assert go(tmp_path, "--docs", "--no-studies") == bench.BAD_INPUT
    assert "docs: found no studies" in capsys.readouterr().err


@pytest.mark.parametrize(("change", "text"), [(flip, "outputs differ"), (lose, "idx_reads is")])
def test_wrong_rtl_is_noticed(tmp_path, capsys, change, text):
    def play(program, *options, **more):
        """Spoils the layer, not what the build is tried on."""
        return player(change if len(program.passes) > 1 else lambda result: None)(
            program, *options, **more
        )

    asked = ["--layers", SMALL, "--no-studies", "--variants", "kss2-p8", "--source", "rtl"]
    assert go(tmp_path, *asked, player=player()) == bench.OK
    assert "all goals met" in capsys.readouterr().out
    assert misfits(page.load(tmp_path / "out"), bench_schema.schema(), "networks") == []
    assert go(tmp_path, *asked, player=play) == bench.FAILED
    assert text in capsys.readouterr().err


# ---------------------------------------------------------------- studies


def test_groups_hold_what_the_layer_needs():
    layer = sps_layer("resnet18-conv2_1", "kss4", 8)
    most = energy.densest(layer)
    live = layer.weights != 0
    assert most == max(live[8 * at : 8 * at + 8].sum(axis=0).max() for at in range(8)) < 8
    config = next(one for one in energy.HOLDERS if one.grouped).config(layer)
    assert (config.group_n, config.group_m) == (most, energy.GROUP)


def test_totals_of_energy_are_sums_over_layers():
    one = {"kept": 4, "design": "x", "energy_pj": {"mac": 2.0, "dram": 3.0}}
    found = energy.totals([one | {"format": holder.format} for holder in energy.HOLDERS] * 2)
    assert found[1] == {
        "kept": 4, "format": energy.HOLDERS[1].format, "design": "sparse_on_dense",
        "energy_pj": {"mac": 4.0, "dram": 6.0}, "chip": 4.0, "all": 10.0,
        "chip_ratio": 1.0, "all_ratio": 1.0,
    }  # fmt: skip


@pytest.fixture
def _small(monkeypatch):
    """Studies of a layer that takes no time."""
    shapes: dict[str, tuple[tuple[int, int], ...]] = {}
    shapes |= dict.fromkeys(("vgg16", "resnet18"), ((64, 64),))
    monkeypatch.setattr(results, "CHANNELS", shapes)
    monkeypatch.setattr(claims, "_gain", lambda network, period, seed: 2.0)
    counted = {"energy_pj": {"mac": 1e6, "wgt": 1e6, "dram": 1e6}}
    monkeypatch.setattr(energy, "_counted", lambda *asked: counted)


@pytest.mark.usefixtures("_small")
def test_everything_is_on_the_page(tmp_path):
    assert go(tmp_path, "--layers", LAYER, "--source", "model") == bench.OK
    out = tmp_path / "out"
    found = page.load(out)
    assert misfits(found, bench_schema.schema(), "networks") == []
    text = (out / "bench.html").read_text()
    titles = [one.title for one in tables.all_tables(found)]
    assert len(titles) == 7 and all(f"<h2>{title}</h2>" in text for title in titles)
    assert text.count("<svg") == 3 and "make bench DESIGN=sps" in text
    assert {one["variant"] for one in found["summary"]} == set(KINDS)


def test_cards_say_what_misses_its_goal(good):
    one = {"design": "sps", "network": "vgg16", "maps": "iid", "whole": True, "variant": "kss4-p4"}
    summed = [one | {"speedup": speed, "goal": goal} for speed, goal in ((2, 2), (1, 2), (1, None))]
    found = page.cards({"runs": [good], "summary": [*summed, summed[0] | {"whole": False}]})
    assert [kind for *_, kind in found] == ["good", "good", "bad", ""]


# ---------------------------------------------------------------- what is committed


@pytest.fixture(scope="module")
def committed() -> dict:
    return json.loads(page_of("sps").read_text(encoding="utf-8"))


def test_the_page_is_of_whole_networks_and_its_goals_are_met(committed):
    keys = {(one["network"], one["variant"]) for one in committed["summary"]}
    assert keys == {(network, variant) for network in EVALUATED for variant in KINDS}
    for one in committed["summary"]:
        assert one["whole"] and one["layers"] == len(EVALUATED[one["network"]])
        assert one["goal"] == KINDS[one["variant"]].goal
        assert one["speedup"] >= (one["goal"] or 0)
        if one["goal"]:
            assert one["filled_whole"] is None or one["filled_whole"] >= 0.97
            assert one["rtl"] == sum(n.startswith(one["network"]) for n in cases.SIMULATED)


@pytest.mark.parametrize("variant", ["kss4-p8", "full4-p8"])
def test_the_page_says_what_the_models_say_today(committed, variant):
    kind = KINDS[variant]
    one = next(
        one
        for one in committed["summary"]
        if (one["network"], one["variant"]) == ("resnet18", variant)
    )
    now = row("resnet18", kind.structure, kind.period)
    assert one["speedup"] == pytest.approx(now.speedup, abs=1e-3)
    assert one["filled"] == pytest.approx(now.filled, abs=1e-3)


def test_the_page_shows_the_committed_training(committed):
    assert committed["studies"]["accuracy"] == periodic.read()["points"]


def test_the_index_unit_is_small(committed):
    """Below 2 % of the array, beside all that other designs need."""
    found = {(one["design"], one["part"]): one for one in committed["studies"]["silicon"]}
    assert len(found) >= 4 and len(committed["studies"]["silicon"]) == sum(
        len(parts) for *_, parts in silicon.WANTED
    )
    index = found["SPS", "index unit"]
    assert index["gates"] / index["whole"] < 0.02


# ---------------------------------------------------------------- training


def test_patterns_come_again_and_keep_the_largest():
    magnitude = np.random.default_rng(1).random((6, 5, 3, 3))
    kept_ones = periodic.patterns_mask(magnitude, 4, 2)
    residues = periodic.residues((6, 5), 4)
    for residue in range(4):
        mine, sums = kept_ones[residues == residue], magnitude[residues == residue].sum(axis=0)
        assert (mine == mine[0]).all() and mine[0].sum() == 2
        assert sums[mine[0]].min() >= sums[~mine[0]].max()


@pytest.mark.parametrize("structure", periodic.PERIODS)
def test_every_structure_keeps_as_many(structure):
    """Of 5 x 5: 11, and of those 6."""
    draw = np.random.default_rng(2)
    layer = Trained("x", 5, False, True, draw.normal(size=(25 * 4, 6)), np.zeros(6), 1.0)
    first = periodic.structure_mask(layer, structure, periodic.SHARES[0])
    assert first.sum() == 11 * 24
    granularity.keep(layer, first)
    second = periodic.structure_mask(layer, structure, periodic.SHARES[1])
    assert second.sum() == 6 * 24 and not (second & ~first).any()


def test_the_tiny_study_comes_out_the_same():
    assert periodic.tiny(load_digits(), Progress(disable=True)) == periodic.read()["check"]


def test_committed_points_are_whole():
    points = periodic.read()["points"]
    keys = {(o["network"], o["seed"], o["granularity"], o["asked"]) for o in points}
    steps = {(name, share) for name in periodic.PERIODS for share in periodic.SHARES}
    assert keys == {
        (network, seed, *step)
        for network in granularity.STUDIED
        for seed in granularity.SEEDS
        for step in steps | {(granularity.DENSE, 1.0)}
    }
    assert len(points) == len(keys)
    by = {(o["network"], o["granularity"], o["asked"]): o["kept"] for o in points}
    for network in granularity.STUDIED:
        for share in periodic.SHARES:
            assert by[network, "fine", share] == by[network, "P 4", share]


def test_damaged_points_are_refused(tmp_path):
    (tmp_path / periodic.RESULTS).write_text('{"points": [{"network": "x"}]}')
    with pytest.raises(ValueError, match=r"periodic\.json: found"):
        periodic.read(tmp_path)
