"""``make mutate``: what is changed, what counts as noticed, what is written down."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from models.places import ROOT
from scripts.farm import farm
from scripts.farm.place import Here
from scripts.mutate import cli, mutations, trial
from scripts.mutate.mutations import KINDS, Mutation
from scripts.mutate.trial import HANGS, INVALID, KILLED, NIGHTLY, SURVIVED, Equivalent, Outcome
from tb.common.sim import simulators
from tb.common.sim.runner import run as simulate

FFS, FIFO = "rtl/common/lac_ffs.sv", "rtl/common/lac_fifo.sv"
FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "rtl").glob("*/*.sv"))


def place(file: str, before: str, after: str, kind: str = "operator") -> Mutation:
    """A change of text that is in the file once."""
    text = mutations.source(file)
    assert text.count(before) == 1
    start = text.index(before)
    return Mutation(file, kind, start, start + len(before), before, after)


def tried(mutation: Mutation) -> Outcome:
    bench = "fifo" if mutation.file == FIFO else "ffs"
    return trial.attempt(mutation, [bench])


@pytest.fixture(autouse=True)
def some_simulator():
    if simulators.missing("icarus") and simulators.missing("verilator"):
        pytest.skip("no simulator")


def test_a_fault_is_killed_and_its_test_is_named():
    found = tried(place(FIFO, "level_q != LevelWidth'(Depth)", "level_q == LevelWidth'(Depth)"))
    assert found.status == KILLED and found.by.startswith("fifo ")
    assert len(found.by.split()) >= 3


def test_a_change_without_effect_survives():
    """Not counted as killed, and all runs that looked are named."""
    found = tried(place(FFS, "assign valid_o = |in_i;", "assign valid_o = in_i != '0;"))
    assert found.status == SURVIVED and "ffs" in found.by


def test_what_takes_up_unused_bits_is_left_alone():
    file = "rtl/common/lac_pipe.sv"
    found = mutations.mutations(file)
    assert "assign unused_control = clk_i & rst_ni" in mutations.source(file)
    assert found and not [one for one in found if "unused_" in "".join(one.lines)]


def test_what_does_not_compile_is_not_killed():
    assert tried(place(FFS, "endmodule", "endmodul")).status == INVALID


def test_a_bench_that_fails_by_itself_kills_nothing(monkeypatch):
    def fails(*bench, **words):
        return dataclasses.replace(simulate(*bench, **words), passed=False)

    trial.check_alone.cache_clear()
    monkeypatch.setattr(trial, "run", fails)
    with pytest.raises(trial.AloneError, match="ffs: fails on the RTL as it is"):
        tried(place(FFS, "assign valid_o = |in_i;", "assign valid_o = &in_i;"))


def test_the_builds_of_mutants_are_removed(monkeypatch, tmp_path):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setattr(trial, "check_alone", lambda *_: None)  # its build would stay
    trial.attempt(place(FFS, "assign valid_o = |in_i;", "assign valid_o = &in_i;"), ["ffs"])
    assert not list((tmp_path / "sim").glob("*/built.json"))
    assert not list((tmp_path / "mutants").iterdir())


@pytest.mark.parametrize("file", FILES)
def test_every_file_is_read_and_its_mutants_change_one_place(file):
    found = mutations.mutations(file)
    text = mutations.source(file)
    for one in random.Random(1).sample(found, min(len(found), 20)):
        assert text[one.start : one.end] == one.before
        assert one.text() == text[: one.start] + one.after + text[one.end :]
        assert one.kind in KINDS and one.before != one.after
    if "_pkg" not in file and "always_ff" in text:
        assert found, file


def test_kinds_are_all_made():
    found = {one.kind for file in FILES for one in mutations.mutations(file)}
    assert found == set(KINDS)


def test_declarations_assertions_and_ranges_are_left_alone():
    text = mutations.source(FIFO)
    for one in mutations.mutations(FIFO):
        line = text[: one.start].rpartition("\n")[2] + text[one.start :].partition("\n")[0]
        assert not line.strip().startswith(("`", "parameter", "localparam", "input", "output"))
        assert one.start > text.index(");\n")


def test_names_are_unique():
    for file in (FIFO, "rtl/common/lac_axil_regs.sv"):
        found = mutations.mutations(file)
        assert len({one.name for one in found}) == len(found)


def test_block_benches_come_before_tops():
    found = trial.files()
    assert set(found) <= set(FILES)
    assert found[FIFO][0] == "fifo" and len(found[FIFO]) == 1 + trial.OTHERS
    pe = found["rtl/eie/lac_eie_pe.sv"]
    assert pe[0] != "eie" and "eie" in pe and pe.index("eie") < pe.index("eie_leftover")


def test_the_nightly_set_of_a_block_is_asked_behind_all_others():
    file = "rtl/scnn/lac_scnn_out.sv"
    asked = list(trial.plan(file, trial.files()[file]))
    assert asked[-1] == ("scnn_out", "wide", "verilator", None, trial.NIGHTLY)
    assert {killed for *_, killed in asked[:-1]} == {trial.KILLED}
    # Builds of whole designs take minutes each.
    for top in ("rtl/scnn/lac_scnn_core.sv", "rtl/array/lac_array_back.sv"):
        assert {killed for *_, killed in trial.plan(top, trial.files()[top])} == {trial.KILLED}


def test_each_design_with_the_block_is_asked():
    assert {"dense", "sps", "sparse_on_dense"} <= {*trial.files()["rtl/array/lac_array_geom.sv"]}


def test_a_neighbour_with_the_block_inside_is_asked_last():
    assert trial.files()["rtl/cambricon_se/lac_cse_wgt_load.sv"][-1] == "cse_huffman"


def test_an_equivalent_of_a_line_that_is_there_twice_is_told_by_the_one_behind():
    file = "rtl/scnn/lac_scnn_wgt_load.sv"
    (known,) = [one for one in trial.equivalents() if one.file == file]
    resets = [one for one in mutations.mutations(file) if one.lines == (known.before, known.after)]
    assert len(resets) > 1
    assert [one.behind for one in resets if trial.is_equivalent(one, [known])] == [known.behind]


def test_a_seed_draws_the_same_again():
    found = cli.candidates("fifo,ffs")
    first = [one.name for one, _ in cli.drawn(found, 5, 7)]
    assert first == [one.name for one, _ in cli.drawn(found, 5, 7)]
    assert first != [one.name for one, _ in cli.drawn(found, 5, 8)]
    assert {one.file for one in found} == {FIFO, FFS}


def test_known_equivalents_are_not_drawn():
    one = place(FFS, "assign valid_o = |in_i;", "assign valid_o = in_i != '0;")
    known = Equivalent(FFS, "assign valid_o = |in_i;", "assign valid_o = in_i != '0;", "the same")
    assert trial.is_equivalent(one, [known]) and known.applies()
    assert not trial.is_equivalent(one, [])
    assert not trial.is_equivalent(place(FFS, "|in_i;", "&in_i;"), [known])
    for kind in (one.kind, "reset"):
        of_kind = dataclasses.replace(known, kind=kind)
        assert trial.is_equivalent(one, [of_kind]) is (kind == one.kind)


def test_equivalents_have_a_reason_and_still_apply():
    for one in trial.equivalents():
        assert len(one.reason) > 20 and one.applies(), one
        assert one.before != one.after


def run_cli(monkeypatch, tmp_path, outcomes, *words):
    """The program on outcomes that are made up, in this process."""
    answers = iter(outcomes)
    monkeypatch.setattr(trial, "attempt", lambda *_: next(answers))
    return run_cli_as_is(monkeypatch, tmp_path, *words)


def run_cli_as_is(monkeypatch, tmp_path, *words):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(farm, "Processes", lambda _: Here())
    return cli.main(["--design", "fifo", "--seed", "1", *words])


def test_survivors_are_shown_with_their_change_and_counted(monkeypatch, tmp_path, capsys):
    outcomes = [Outcome(KILLED, "fifo", 1), Outcome(SURVIVED, "fifo default icarus", 1),
                Outcome(INVALID, "fifo", 1), Outcome(HANGS, "fifo", 1),
                Outcome(NIGHTLY, "fifo", 1)]  # fmt: skip
    assert run_cli(monkeypatch, tmp_path, outcomes, "--n", "5") == 1
    out = capsys.readouterr().out
    assert "SEED=1" in out and "3 of 4 noticed, 75.0 %" in out and "1 do not build" in out
    data = json.loads((Path(tmp_path) / cli.RECORD).read_text())
    (left,) = [one for one in data["mutants"] if one["status"] == SURVIVED]
    assert f"replay: make mutate MUTANT={left['name']}" in out
    assert left["diff"].splitlines()[3] in out
    assert (data["noticed"], data["of"], data["planned"]) == (3, 4, 5)


def test_a_bench_that_fails_by_itself_ends_the_run(monkeypatch, tmp_path, capsys):
    def fails(*_):
        raise trial.AloneError("fifo: fails on the RTL as it is")

    monkeypatch.setattr(trial, "attempt", fails)
    assert run_cli_as_is(monkeypatch, tmp_path, "--n", "3") == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("fifo: fails on the RTL as it is")


def test_a_resumed_run_runs_only_the_rest(monkeypatch, tmp_path, capsys):
    assert run_cli(monkeypatch, tmp_path, [Outcome(KILLED, "fifo", 1)] * 2, "--n", "2") == 0
    more = [Outcome(KILLED, "fifo", 1)]
    assert run_cli(monkeypatch, tmp_path, more, "--n", "3", "--resume") == 0
    assert "2 of 3 were run before" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--mutant", "lac_fifo-00000000"], ["--design", "fiffo"]])
def test_wrong_names_are_refused(words, capsys):
    assert cli.main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
