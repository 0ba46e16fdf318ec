"""``make run`` says so when something is wrong: results, numbers, and what it is given."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import registry
from models.case import Case
from models.socket import COUNTERS
from scripts.measure.records import (
    RecordError,
    check_results,
    difference,
    efficiency,
    geomean,
    load_results,
    slots,
    utilisation,
)
from scripts.run import cli as run
from scripts.run.details import Details
from tests.meta import toy_design
from tests.meta.exits import status


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    monkeypatch.setitem(registry.DESIGNS, "toy", "tests.meta.toy_design")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def _no_page(monkeypatch):
    """Pictures take seconds; most tests look at the numbers."""
    monkeypatch.setattr(run, "write_report", lambda folder: folder)


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    """Cases of failing runs away from the real ones."""
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))


def go(tmp_path, *arguments, change=lambda result: None) -> int:
    return status(
        run.main,
        ["--design", "toy", "--out", str(tmp_path), *map(str, arguments)],
        toy_design.player(change),
    )


@pytest.fixture
def layer_file(tmp_path):
    path = tmp_path / "mine.npz"
    rng = np.random.default_rng(5)
    np.savez(path, weights=rng.integers(0, 4, (6, 5)), activations=rng.integers(0, 9, (3, 5)))
    return path


def spoil_packet(result) -> None:
    if len(result.packets) > 7:  # not the traced digit
        result.packets[7][3] += 1


def test_network_passes_and_writes_the_promised_file(tmp_path, capsys):
    assert go(tmp_path, "--count", 20) == run.OK
    data = load_results(tmp_path / "results.json")
    assert [one["layer"] for one in data["runs"]] == ["fc1", "fc2", "fc3"]
    assert [one["compared"] for one in data["runs"]] == [20 * 300, 20 * 100, 20 * 10]
    assert all(one["bit_exact"] and one["samples"] == 20 for one in data["runs"])
    assert data["groups"][0]["accuracy"]["rtl"] == data["groups"][0]["accuracy"]["model"]
    page = (tmp_path / "index.html").read_text()
    assert page.count("<figure>") == 6
    levels = Details.load(tmp_path / "details.npz").arrays
    assert levels["levels"].shape == (4, 30)
    assert levels["mark_names"].tolist() == ["fc1", "fc2", "fc3"]
    assert levels["mark_cycles"].tolist() == [0, 100, 200]
    assert "bit-exact" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)[a-z]+:', page), "only what is in the page"
    text = capsys.readouterr()
    assert "8,200 outputs compared, all equal" in text.out
    assert not text.err


@pytest.mark.usefixtures("_no_page")
def test_a_wrong_result_word_is_exit_1_with_layer_and_replay(tmp_path, capsys):
    assert go(tmp_path, "--count", 20, change=spoil_packet) == run.FAILED
    text = capsys.readouterr().err
    assert "fc1: 1 of 6000 outputs differ" in text
    assert "[7, 3, 0, 0]" in text
    assert "make run RUN_ARGS=" in text
    assert not load_results(tmp_path / "results.json")["runs"][0]["bit_exact"]
    (path,) = (tmp_path / "build" / "cases" / "run").glob("*.npz")
    assert f"case: make replay CASE={path}" in text
    case = Case.load(path)
    assert case.arrays["activations0"].shape == (1, 784, 1, 1)
    assert np.argwhere(case.arrays["found0"] != case.arrays["expected0"]).tolist() == [[0, 3, 0, 0]]


@pytest.mark.usefixtures("_no_page")
def test_the_failing_case_runs_again_from_its_file(tmp_path):
    assert go(tmp_path, "--count", 20, change=spoil_packet) == run.FAILED
    (path,) = (tmp_path / "build" / "cases" / "run").glob("*.npz")
    assert go(tmp_path, "--layer", path) == run.OK


def test_a_simulation_that_fails_is_exit_1(tmp_path, capsys):
    def hang(result):
        raise RuntimeError("no interrupt")

    assert go(tmp_path, "--count", 2, change=hang) == run.FAILED
    assert "no interrupt" in capsys.readouterr().err


@pytest.mark.usefixtures("_no_page")
def test_layer_of_a_user(tmp_path, layer_file):
    assert go(tmp_path, "--layer", layer_file, "--plain") == run.OK
    (one,) = load_results(tmp_path / "results.json")["runs"]
    assert one["workload"] == "mine.npz"
    assert one["compared"] == 18
    assert one["config"]["balance"] is False


@pytest.mark.usefixtures("_no_page")
def test_convolutions_run_layer_by_layer(tmp_path):
    assert go(tmp_path, "--net", "lenet_5", "--count", 2) == run.OK
    data = load_results(tmp_path / "results.json")
    assert [one["layer"] for one in data["runs"]] == ["conv1", "conv2", "fc1", "fc2"]
    assert data["groups"][0]["accuracy"]["rtl"] == data["groups"][0]["accuracy"]["model"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layer", "missing.npz"], "layer: found 'missing.npz' (no such file), need a file"),
        (
            ["--net", "lenet_7"],
            "net: found 'lenet_7', did you mean 'lenet_5'? known: lenet_300_100, lenet_5",
        ),
        (["--workload", "eie/alex-9"], "alex-9"),
        (["--count", 0], "count: found '0', need an integer from 1 up"),
        (["--density", 0.1], "density"),
        (["--config", "depth=3"], "config: toy: found 'depth', did you mean 'queue_depth'?"),
        (["--config", "num_pe=many"], "config: found 'num_pe=many', need NAME=INTEGER"),
        (["--design", "tpu"], "tpu"),
    ],
)
def test_bad_input_is_exit_2_and_one_line(tmp_path, capsys, arguments, message):
    assert go(tmp_path, *arguments) == run.BAD_INPUT
    text = capsys.readouterr().err.strip()
    assert message in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("below", ["", "deeper/report"])
def test_a_folder_that_cannot_be_made_is_exit_2_before_anything_runs(tmp_path, capsys, below):
    (tmp_path / "taken").write_text("a file")
    out = tmp_path / "taken" / below

    def never(*_args, **_kwargs):
        raise AssertionError("a simulation was started")

    arguments = ["--design", "toy", "--count", "1", "--out", str(out)]
    assert status(run.main, arguments, never) == run.BAD_INPUT
    text = capsys.readouterr().err.strip()
    assert f"out: found '{out}', need a folder to write" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_a_machine_that_has_not_enough_is_exit_1_and_no_traceback(tmp_path, capsys, error):
    def full(result):
        raise error

    assert go(tmp_path, "--count", 1, change=full) == run.FAILED
    text = capsys.readouterr().err
    assert "failed: " in text and run.told(error) in text
    assert "replay: make run" in text


@pytest.mark.usefixtures("_no_page")
def test_results_that_cannot_be_written_are_exit_1(tmp_path, capsys):
    (tmp_path / "results.json").mkdir()
    assert go(tmp_path, "--count", 1) == run.FAILED
    assert "results.json" in capsys.readouterr().err


def test_a_layer_that_does_not_fit_the_memory_is_exit_2(tmp_path, capsys, monkeypatch):
    def large(options):
        raise MemoryError("Unable to allocate 107. GiB")

    monkeypatch.setattr(run, "tasks_of", large)
    assert go(tmp_path, "--count", 1) == run.BAD_INPUT
    assert "error: Unable to allocate 107. GiB" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["weights", "activations"])
def test_a_bad_file_names_the_key(tmp_path, capsys, key):
    arrays: dict[str, Any] = {"weights": np.ones((6, 5), int), "activations": np.ones(5, int)}
    arrays[key] = np.array(["text"])
    np.savez(tmp_path / "bad.npz", **arrays)
    assert go(tmp_path, "--layer", tmp_path / "bad.npz") == run.BAD_INPUT
    assert key in capsys.readouterr().err


@pytest.mark.usefixtures("_no_page")
def test_utilisation_above_100_percent_is_an_error(tmp_path, capsys):
    def brag(result):
        result.counters[0]["mac_useful"] = 10**9

    assert go(tmp_path, "--count", 2, change=brag) == run.FAILED
    assert "add up to more than the 800 slots" in capsys.readouterr().err
    record = {"workload": "w", "layer": "l", "mac_useful": 11, "mac_slots": 10}
    with pytest.raises(RecordError, match="above 100 %"):
        utilisation(record)
    with pytest.raises(RecordError, match="worked"):
        efficiency({**record, "mac_useful": 9, "slots": {"useful": 9, "padding": 2}})
    with pytest.raises(RecordError, match="more than the"):
        slots({**toy_design.counters(4), "slot_empty": 10**6})


@pytest.mark.usefixtures("_no_page")
def test_a_counter_of_work_that_is_off_is_exit_1(tmp_path, capsys):
    def miscount(result):
        result.counters[1]["mac_useful"] -= 1

    assert go(tmp_path, "--count", 2, change=miscount) == run.FAILED
    line = (
        "toy, fc1: counter mac_useful is 199 in RTL, 200 in the cycle model (pass 2 of 2 differs)"
    )
    assert line in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.pop("cycles_model"), "'cycles_model' is missing"),
        (lambda r: r.update(cycles_compute="12"), "need int"),
        (lambda r: r.update(compared=True), "need int"),
        (lambda r: r.update(compared=0), "nothing was compared"),
        (lambda r: r.update(sim_seconds=float("nan")), "nan"),
        (lambda r: r.update(weight_density=1.5), "weight_density"),
        (lambda r: r["memory"]["wgt"].pop("reads"), "memory wgt"),
        (lambda r: r.update(mac_useful=10**9), "above 100 %"),
    ],
)
@pytest.mark.usefixtures("_no_page")
def test_schema_refuses(tmp_path, change, message):
    assert go(tmp_path, "--count", 1) == run.OK
    data = json.loads((tmp_path / "results.json").read_text())
    change(data["runs"][1])
    with pytest.raises(RecordError, match=message):
        check_results(data)


@pytest.mark.usefixtures("_no_page")
def test_results_of_another_version_are_refused(tmp_path):
    assert go(tmp_path, "--count", 1) == run.OK
    path = tmp_path / "results.json"
    data = json.loads(path.read_text())
    for version in (1, None):
        path.write_text(json.dumps(data | {"version": version}))
        with pytest.raises(RecordError, match=f"version: found {version}, need 2: run again"):
            load_results(path)


def test_records_call_counters_by_their_names(tmp_path, monkeypatch):
    """What a record takes over from a counter has its name."""
    monkeypatch.setattr(run, "write_report", lambda folder: folder)
    assert go(tmp_path, "--count", 1) == run.OK
    (one, *_) = load_results(tmp_path / "results.json")["runs"]
    names = {name for name, _ in COUNTERS}
    taken = {"cycles", "cycles_compute", "cycles_output", "mac_useful", "mac_slots"}
    assert taken <= one.keys() & names
    assert one["stalls"].keys() <= names
    assert {f"{kind}_{way}" for kind, ways in one["memory"].items() for way in ways} <= names
    assert one["memory"].keys() == one["bits_moved"].keys()


@pytest.mark.parametrize("data", [[], {}, {"runs": {}}, {"runs": []}])
def test_schema_refuses_what_is_no_result(data):
    with pytest.raises(RecordError):
        check_results(data)


def test_the_page_is_made_again_from_its_files(tmp_path):
    from scripts.run import page as report

    assert go(tmp_path, "--count", 3) == run.OK
    page = (tmp_path / "index.html").read_text()
    (tmp_path / "index.html").unlink()
    assert report.main([str(tmp_path)]) == 0
    assert (tmp_path / "index.html").read_text() == page
    (tmp_path / "details.npz").unlink()
    assert report.main([str(tmp_path)]) == 0
    (tmp_path / "results.json").write_text('{"runs": []}')
    assert report.main([str(tmp_path)]) == 2


def test_replay_line_repeats_the_arguments():
    assert run.replay_line([]) == "make run"
    assert run.replay_line(["--count", "3"]) == "make run RUN_ARGS='--count 3'"


def test_difference_counts_and_names_the_first():
    want = np.zeros((2, 3, 1, 1), int)
    got = want.copy()
    assert difference(got, want) == (0, "")
    got[1, 2] = 5
    count, text = difference(got, want)
    assert count == 1
    assert "[1, 2, 0, 0]: 5, golden 0" in text
    assert difference(got[:1], want)[0] == 6


def test_geomean():
    assert geomean([1, 4]) == pytest.approx(2)
    with pytest.raises(ValueError, match="positive"):
        geomean([])


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))


@pytest.fixture
def _two(monkeypatch):
    monkeypatch.setattr(
        registry, "DESIGNS", {"toy": "tests.meta.toy_design", "toy_too": "tests.meta.toy_design"}
    )


@pytest.mark.usefixtures("_two")
def test_designs_run_side_by_side(tmp_path, capsys, layer_file):
    arguments = ["--layer", str(layer_file), "--design", "all", "--out", str(tmp_path)]
    assert run.main(arguments, toy_design.player()) == run.OK
    data = load_results(tmp_path / "results.json")
    assert [one["design"] for one in data["runs"]] == ["toy", "toy_too"]
    assert [group["title"] for group in data["groups"]] == ["TOY: mine.npz", "TOY: mine.npz"]
    text = capsys.readouterr().out
    assert "Side by side" in text
    page = (tmp_path / "index.html").read_text()
    assert "Side by side: mine.npz" in page
    assert 'href="#g1"' in page and 'id="g1"' in page
    assert (tmp_path / "run" / "toy_too-mine.npz").is_dir()


@pytest.mark.usefixtures("_two", "_no_page")
def test_without_a_name_every_design_runs_every_network(tmp_path, monkeypatch):
    arguments = ["--count", "2", "--out", str(tmp_path)]
    assert run.main(arguments, toy_design.player()) == run.OK
    names = [(group["title"]) for group in load_results(tmp_path / "results.json")["groups"]]
    assert names == ["TOY: lenet_300_100", "TOY: lenet_300_100", "TOY: lenet_5",
                     "TOY: lenet_5"]  # fmt: skip
    monkeypatch.setattr(toy_design, "DESIGN", replace(toy_design.DESIGN, per_pixel=True))
    assert run.main(arguments, toy_design.player()) == run.OK
    assert len(load_results(tmp_path / "results.json")["groups"]) == 2


@pytest.mark.usefixtures("_two", "_no_page")
def test_one_design_that_differs_fails_the_run_and_is_named(tmp_path, capsys, layer_file):
    seen = []

    def spoil_second(result):
        seen.append(1)
        if len(seen) == 2:
            result.packets[0][0] += 1

    arguments = ["--layer", str(layer_file), "--design", "toy,toy_too", "--out", str(tmp_path)]
    assert run.main(arguments, toy_design.player(spoil_second)) == run.FAILED
    text = capsys.readouterr().err
    assert "toy_too, mine: 1 of 18 outputs differ" in text
    assert "toy, mine" not in text


@pytest.mark.usefixtures("_two")
def test_a_setting_that_no_design_knows_is_refused(tmp_path, capsys):
    arguments = ["--design", "all", "--config", "depth=3", "--out", str(tmp_path)]
    assert run.main(arguments, toy_design.player()) == run.BAD_INPUT
    assert "found 'depth', did you mean 'queue_depth'?" in capsys.readouterr().err


@pytest.mark.usefixtures("_no_page")
def test_energies_come_from_the_table_that_is_given(tmp_path, layer_file, capsys):
    from models.energy import TABLE

    mine = tmp_path / "mine.toml"
    mine.write_text(TABLE.read_text().replace("access = 640.0", "access = 6400.0"))
    found = []
    for table in (TABLE, mine):
        assert go(tmp_path, "--layer", layer_file, "--energy", table) == run.OK
        found.append(load_results(tmp_path / "results.json")["runs"][0]["energy_pj"])
    assert found[1]["dram"] == pytest.approx(10 * found[0]["dram"])
    assert found[1]["act"] == found[0]["act"]
    (tmp_path / "mine.toml").write_text("operation = 3")
    assert go(tmp_path, "--layer", layer_file, "--energy", mine) == run.BAD_INPUT
    assert f"{mine}: operation: found 3, need a table" in capsys.readouterr().err
    assert go(tmp_path, "--energy", tmp_path / "none.toml") == run.BAD_INPUT
    assert "none.toml" in capsys.readouterr().err


@pytest.mark.usefixtures("_two")
def test_page_and_caption_say_which_energies(tmp_path, layer_file, capsys, monkeypatch):
    from models.energy import TABLE

    monkeypatch.chdir(tmp_path)
    mine = Path("my.toml")
    mine.write_text(TABLE.read_text().replace("EIE, ISCA 2016, table I (45 nm)", "a new process"))
    default = "models/energy.toml: EIE, ISCA 2016, table I (45 nm)"
    for table, label in ((TABLE, default), (mine, "my.toml: a new process")):
        arguments = ["--layer", layer_file, "--design", "all", "--out", tmp_path, "--energy", table]
        assert run.main(list(map(str, arguments)), toy_design.player()) == run.OK
        data = load_results(tmp_path / "results.json")
        assert {one["energy_table"] for one in data["runs"]} == {label}
        page = " ".join((tmp_path / "index.html").read_text().split())
        assert page.count(f"Energies of {label}.") == 3, "side by side, and each design"
        text = " ".join(capsys.readouterr().out.split())
        assert f"DRAM traffic included; {label}." in text


def test_energies_that_are_no_numbers_do_not_get_into_results(tmp_path, layer_file):
    assert go(tmp_path, "--layer", layer_file) == run.OK
    data = json.loads((tmp_path / "results.json").read_text())
    data["runs"][0]["energy_pj"]["dram"] = float("nan")
    with pytest.raises(RecordError, match="energy of dram is nan"):
        check_results(data)


def test_gates_stand_beside_the_cycles_of_the_same_build(tmp_path):
    from scripts.run.page import silicon

    path = tmp_path / "area.json"
    lines = [
        {"design": "toy", "parameters": {"NumPe": 8}, "accelerator_gates": 800.0},
        {"design": "toy", "parameters": {}, "accelerator_gates": 400.0},
    ]
    path.write_text(json.dumps({"tops": lines}))
    records = [{"design": "toy", "config": {"num_pe": 8}}]
    assert silicon(records, path) == {"toy": 800.0}
    assert silicon([{"design": "toy", "config": {"num_pe": 2}}], path) == {}
    assert silicon(records, tmp_path / "none.json") == {}
