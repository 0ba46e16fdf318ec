"""``make bench DESIGN=flexflow_pro``: goals, means, studies; the page is what the models say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.energy import EnergyTable
from models.flexflow_pro.memories import memories
from models.memories import Memory
from models.networks import load_network
from models.workloads.flexflow_pro import GOALS, LAYERS, MEAN_GOALS, NETWORKS, SIMULATED
from scripts import kept
from scripts.bench import cli as bench
from scripts.bench import schema as bench_schema
from scripts.bench.networks import evaluation, page, summary, tables
from scripts.bench.networks.flexflow_pro import cases, results, silicon, studies, tiny
from scripts.bench.networks.flexflow_pro.cases import VARIANTS, Case
from scripts.bench.networks.measure import Tools, by_model, measure
from scripts.bench.networks.results import page_of
from scripts.train import thresholds
from tests.meta.schemas import misfits
from tests.meta.test_run_arrays import player

FFP = evaluation.of("flexflow_pro")
LAYER = "googlenet-5b-5x5-reduce"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing kept by others, and a wide terminal."""
    monkeypatch.setattr(kept, "build_root", lambda: tmp_path / "build")
    monkeypatch.setenv("COLUMNS", "300")


def go(tmp_path, *arguments, **options) -> int:
    asked = ["--design", "flexflow_pro", "--jobs", "1", "--out", str(tmp_path / "out"), *arguments]
    return bench.main(asked, **options)


@pytest.fixture(scope="module")
def good() -> dict:
    """A record of a crop, by the model."""
    return by_model(Case(LAYER, "tuned", filters=32))


# ---------------------------------------------------------------- records


def test_a_record_says_what_ran(good):
    summary.check(good)
    assert good["bit_exact"] and good["paper"] is None and good["crop"]
    assert good["slots"]["padding"] == good["slots"]["bank"] == 0 < good["slots"]["useful"]
    assert 3 < good["speedup"] < 9.9
    assert all(len(plan) == 5 for plan in good["plans"])


@pytest.mark.parametrize("key", ["crop", "energy_pj", "loaded_words"])
def test_a_record_without_a_key_is_noticed(good, key):
    with pytest.raises(summary.RecordError, match=f"key '{key}' is missing"):
        summary.check({name: value for name, value in good.items() if name != key})


def test_variants_are_what_they_say(good):
    """One build; lock step is the baseline, whatever asks for it."""
    lock, plain = (by_model(Case(LAYER, name, filters=32)) for name in ("lock_step", "plain"))
    assert lock["cycles"] == lock["baseline_cycles"] == plain["baseline_cycles"]
    assert good["baseline_cycles"] == lock["cycles"] and lock["speedup"] == 1
    assert good["cycles"] <= plain["cycles"] < lock["cycles"]
    assert lock["slots"]["padding"] > 0 == lock["slots"]["empty"]
    parameters = {repr(Case(LAYER, name).config.parameters()) for name in VARIANTS}
    assert len(parameters) == 1


def test_the_baseline_is_of_the_same_build():
    """A change of the build is one of its baseline, too."""
    small = (("bus_words", 1), ("n_cells", 3))
    one = Case(LAYER, "plain", changes=small, filters=16)
    lock = by_model(replace(one, variant="lock_step"))
    assert by_model(one)["baseline_cycles"] == lock["cycles"]


def test_the_compiler_sees_other_maps(good, monkeypatch):
    """Of the same shape and kind, drawn with another seed; an oracle those that run."""
    seen = []
    monkeypatch.setattr(
        cases, "compile", lambda layer, config, sample=None: seen.append((layer, sample))
    )
    for maps in ("iid", "clustered"):
        case = Case(LAYER, "tuned", maps, filters=32)
        layer = case.made()
        case.program(layer)
        other = replace(case, seed=1001).made().inputs
        assert np.array_equal(seen[-1][1], other) and not np.array_equal(other, layer.inputs)
        replace(case, oracle=True).program(layer)
        assert seen[-1] == (layer, None)
    names = {Case(LAYER, "tuned", oracle=oracle).words() for oracle in (False, True)}
    assert len(names) == 2


def test_an_oracle_has_the_same_baseline(good):
    found = by_model(Case(LAYER, "tuned", filters=32, oracle=True))
    assert found["baseline_cycles"] == good["baseline_cycles"]


def test_least_in_total_carries_fewer_words():
    tuned, total = (by_model(Case("googlenet-5a-5x5", name)) for name in ("tuned", "total"))
    assert tuned["cycles"] < total["cycles"] < tuned["baseline_cycles"]
    words = [sum(one["loaded_words"].values()) for one in (tuned, total)]
    assert total["cycles"] + words[1] < 0.7 * (tuned["cycles"] + words[0])


def test_energy_is_counted_by_hand(good):
    """In lock step positions are multiplied; a store is written by the bus, read by multiplies."""
    config, table = Case(LAYER, "tuned").config, EnergyTable.load()
    store = table.sram(Memory(16, config.n_cells * config.mask_word))
    sent = good["counters"]["broadcasts"] * config.rows
    assert good["energy_pj"]["neuron"] == pytest.approx((good["mac_useful"] + sent) * store)
    lock = by_model(Case(LAYER, "lock_step", filters=32))
    executed = lock["mac_useful"] + lock["counters"]["slot_padding"]
    one = table.multiply(16, 16) + table.add(config.acc_width)
    assert lock["energy_pj"]["mac"] == pytest.approx(executed * one)
    weight = table.sram(memories(config)["wgt"])
    assert executed * weight <= lock["energy_pj"]["wgt"] < 1.2 * executed * weight


def test_where_layers_run():
    """The layers of the goals from RTL balanced, some of them in lock step, or least in total."""
    found = {name for name in LAYERS if cases.simulated(name, "tuned")}
    assert found == {name for name in LAYERS if name.startswith(SIMULATED)} and len(found) == 23
    for variant, some in cases.ALSO.items():
        assert {name for name in found if cases.simulated(name, variant)} == set(some)
    assert not any(cases.simulated(name, "plain") for name in LAYERS)
    assert all(case.source == "model" and not case.filters for case in studies.every_case("rtl"))


def test_rtl_and_model_make_the_same_record(tmp_path, good):
    case = Case(LAYER, "tuned", source="rtl", filters=32)
    found = measure(case, Tools(folder=tmp_path, player=player()))
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
        return player(change if len(program.passes) > 1 else lambda result: None)(
            program, *options, **more
        )

    asked = ["--layers", LAYER, "--no-studies", "--variants", "tuned", "--maps", "iid"]
    assert go(tmp_path, *asked, player=player()) == bench.OK
    assert "all goals met" in capsys.readouterr().out
    assert misfits(page.load(tmp_path / "out"), bench_schema.schema(), "networks") == []
    assert go(tmp_path, *asked, player=play) == bench.FAILED
    assert text in capsys.readouterr().err


# ---------------------------------------------------------------- goals


def summed(
    speedup: float, variant: str = "plain", maps: str = "iid", whole: bool = True
) -> list[dict]:
    """What the networks came to, all alike."""
    one = {"design": "flexflow_pro", "variant": variant, "maps": maps, "speedup": speedup}
    one |= {"goal": None, "paper": None, "whole": whole}
    return [one | {"network": network} for network in NETWORKS]


def test_goals_are_of_iid_maps():
    for variant in ("plain", "tuned"):
        for network in NETWORKS:
            assert FFP.goal(network, variant, "iid") == GOALS[variant][network]
            assert FFP.goal(network, variant, "clustered") is None
        assert FFP.mean_goal(variant, "iid") == MEAN_GOALS[variant]
        assert FFP.mean_goal(variant, "clustered") is None
    assert FFP.goal("alexnet", "lock_step", "iid") is None


def test_a_mean_below_its_goal_is_a_problem():
    """Of all networks, whole ones; the mean of ratios, not of cycles."""
    found = summed(2.5)
    (one,) = summary.means(found)
    assert (one["speedup"], one["goal"], one["paper"]) == (2.5, 2.55, 2.5)
    assert list(summary.problems([], found)) == [
        "mean of the networks, relaxed: speed-up 2.500, goal at least 2.55"
    ]
    assert not list(summary.problems([], summed(2.55)))
    assert not summary.means(found[1:]) and not summary.means(summed(2.5, whole=False))
    assert not list(summary.problems([], summed(2.5, maps="clustered")))
    found[0]["speedup"] = 3.1
    assert summary.means(found)[0]["speedup"] == 2.7


def test_means_are_shown():
    columns = {"bound": 4.0, "utilisation": 0.5, "rtl": 1, "layers": 2}
    some = [one | columns for one in summed(2.5)]
    shown = tables.networks({"summary": some, "assumes": ""})
    assert shown.head[5] == "paper" and shown.rows[-1][:6] == (
        "mean", "relaxed", "iid", "2.500 missed", "2.55", "2.50",
    )  # fmt: skip
    assert {len(row) for row in shown.rows} == {len(shown.head)}


def test_a_study_that_differs_fails_the_run(tmp_path, capsys, monkeypatch, good):
    """Not only the layers of the networks are held against golden."""
    monkeypatch.setattr(tiny, "NETWORKS", ())
    monkeypatch.setattr(studies, "every_case", lambda source: [Case(LAYER, "plain", filters=16)])
    monkeypatch.setattr(FFP.__class__, "studied", lambda self, source: studies.every_case(source))
    wrong = good | {"bit_exact": False, "different": 3, "first_difference": "here"}
    monkeypatch.setattr("scripts.bench.networks.measure.by_model", lambda case: wrong)
    assert go(tmp_path, "--layers", LAYER, "--only-studies", "--source", "model") == bench.FAILED
    assert "3 of" in capsys.readouterr().err


# ---------------------------------------------------------------- studies


def test_a_study_keeps_the_words_of_the_stores():
    for fields in studies.BUILDS["mask word"].values():
        config = Case(LAYER, "tuned", changes=tuple(fields.items())).config
        sizes = [config.mask_word * one for one in (config.k_cells, config.n_cells)]
        assert sizes == [144, 192] and config.mask_word * config.act_depth == 8192


def test_every_study_has_the_default_build():
    usual = Case(LAYER, "tuned").config
    for study, builds in studies.BUILDS.items():
        same = [Case(LAYER, "tuned", changes=tuple(one.items())).config for one in builds.values()]
        assert same.count(usual) == 1, study
        assert len({repr(one) for one in same}) == len(same), study


def test_where_it_pays_is_between_two_points():
    points = [
        {"density": at, "per_gate": value} for at, value in ((1, 0.5), (0.5, 0.9), (0.4, 1.1))
    ]
    assert results.pays(points) == pytest.approx(0.45)
    assert results.pays(points[:2]) is None
    assert results.pays([{"density": 1, "per_gate": None}] * 2) is None


def test_per_gate_is_speed_by_gates(monkeypatch):
    gates = [
        {"design": name, "gates": value} for name, value in (("flexflow_pro", 9), ("dense", 3))
    ]
    monkeypatch.setattr(silicon, "points", lambda: gates)
    monkeypatch.setattr(silicon, "array_cycles", lambda: 600)
    (one,) = silicon.per_gate([{"density": 0.5, "cycles": 100}])
    assert (one["array_speedup"], one["per_gate"]) == (6, 2)
    monkeypatch.setattr(silicon, "points", list)
    assert silicon.per_gate([{"density": 0.5, "cycles": 100}])[0]["per_gate"] is None


def test_layers_of_embedded_networks_see_what_was_left():
    """Inputs of a layer come through the thresholds of those before it."""
    name = "lenet_300_100"
    limits = tiny.chosen(name)
    none = replace(limits, neurons=(0, 0, 0), synapses=(0, 0, 0))
    some, all_ = (list(tiny.layers(name, one)) for one in (limits, none))
    assert [one.weights.shape for one in some] == [
        one.weights.shape for one in load_network(name).layers
    ]
    assert np.array_equal(some[0].inputs, all_[0].inputs) and len(some[0].inputs) == tiny.DIGITS
    assert not np.array_equal(some[1].inputs, all_[1].inputs)


def test_everything_is_on_the_page(tmp_path, monkeypatch):
    """One layer, one study layer, no gates yet or gates that are there."""
    monkeypatch.setattr(studies, "LAYERS", (LAYER,))
    monkeypatch.setattr(studies, "FIFOS", (1, 2))
    monkeypatch.setattr(studies, "DENSITIES", (0.5, 0.3))
    monkeypatch.setattr(studies, "DENSITY_LAYER", LAYER)
    monkeypatch.setattr(silicon, "DENSITY_LAYER", LAYER)
    monkeypatch.setattr(studies, "ALL", (LAYER,))
    monkeypatch.setattr(tiny, "NETWORKS", ("lenet_300_100",))
    assert go(tmp_path, "--layers", LAYER, "--source", "model") == bench.OK
    found = page.load(tmp_path / "out")
    assert misfits(found, bench_schema.schema(), "networks") == []
    text = (tmp_path / "out" / "bench.html").read_text()
    titles = [one.title for one in tables.all_tables(found)]
    assert {"Speed-up of the networks", "FIFO depth", "Parts of the build", "Density",
            "Loading", "Calibration",
            "Tiny values", "Cycles of the embedded networks", "Layers"} <= set(titles)  # fmt: skip
    assert all(f"<h2>{title}</h2>" in text for title in titles)
    assert text.count("<svg") >= 4


# ---------------------------------------------------------------- what is committed


@pytest.fixture(scope="module")
def committed() -> dict:
    return json.loads(page_of("flexflow_pro").read_text(encoding="utf-8"))


def test_the_page_is_of_whole_networks_and_its_goals_are_met(committed):
    keys = {(one["network"], one["variant"], one["maps"]) for one in committed["summary"]}
    assert len(keys) == len(committed["summary"]) == len(NETWORKS) * len(VARIANTS) * 2
    for one in committed["summary"]:
        assert one["whole"] and one["layers"] == len(NETWORKS[one["network"]])
        assert one["goal"] == FFP.goal(one["network"], one["variant"], one["maps"])
    assert not list(summary.problems([], committed["summary"]))


def test_the_page_says_what_the_models_say_today(committed):
    """A layer of the FIFO study, to half a percent: pieces of like load may change places."""
    now = by_model(Case("googlenet-5b-1x1", "tuned"))
    one = next(
        one
        for one in committed["studies"]["fifo"]
        if (one["variant"], one["depth"]) == ("tuned", 2)
    )
    assert one["cycles"]["googlenet-5b-1x1"] == pytest.approx(now["cycles"], rel=5e-3)


def test_the_page_shows_the_committed_training(committed):
    assert committed["studies"]["thresholds"] == thresholds.read()["points"]


def test_layers_from_rtl_are_right(committed):
    found = committed["studies"]["simulated"]
    assert {one["layer"] for one in found} == {
        name for name in LAYERS if name.startswith(SIMULATED)
    }
    assert {one["variant"] for one in found} == {"tuned", *cases.ALSO}
    assert all(one["bit_exact"] and one["equal"] and one["compared"] for one in found)
