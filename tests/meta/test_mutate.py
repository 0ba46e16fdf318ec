"""``make mutate``: what is changed, what counts as noticed, what is written down."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import door
from scripts.farm import farm
from scripts.farm.place import Here
from scripts.mutate import cli, mutations, trial
from scripts.mutate.mutations import KINDS, Mutation
from scripts.mutate.trial import HANGS, INVALID, KILLED, NIGHTLY, SURVIVED, Equivalent, Outcome
from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tb.common.sim.builds import Build, BuildError
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


def test_what_does_not_compile_is_not_killed(monkeypatch, tmp_path):
    """And the line that refuses it is there, but no file."""
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    found = tried(place(FFS, "endmodule", "endmodul"))
    assert found.status == INVALID
    assert "error" in found.why and "lac_ffs.sv:" in found.why and str(tmp_path) not in found.why
    assert left_by_mutants(tmp_path) == []


def left_by_mutants(root: Path) -> list[Path]:
    """Files of mutants, of their builds and runs; tools' caches are others'."""
    folders = (root / "mutants", root / "sim", root / "run")
    return [path for folder in folders for path in folder.rglob("*")]


class Builds:
    """In place of ``build``: fails at the calls of these numbers; has the texts it was given."""

    def __init__(self, *failing: int) -> None:
        self.failing, self.texts = failing, []

    def __call__(self, bench: Bench, config: str, simulator: str):
        self.texts.append(Path(bench.sources[-1]).read_text())
        if len(self.texts) - 1 in self.failing:
            raise BuildError(
                "building ffs failed (1); the end of /z:\n  | g++: error: out of sorts"
            )
        return Build(Path("/none"), simulator, bench.top, {}, False, False, 1.0)


class Run:
    """Of a result, what is asked of one that passed."""

    passed, seconds, build, failed = True, 1.0, None, ()
    log = Path("/none/none/sim.log")


BROKEN = place(FFS, "assign valid_o = |in_i;", "assign valid_o = &in_i;")


def test_a_compiler_that_fails_on_the_rtl_as_it_is_is_no_verdict(monkeypatch):
    builds = Builds(0, 1)
    monkeypatch.setattr(trial, "build", builds)
    with pytest.raises(trial.AloneError, match="ffs: does not build .* error: out of sorts: make"):
        tried(BROKEN)
    # Built from new: what was built before says nothing of now.
    assert builds.texts == [BROKEN.text(), mutations.source(FFS)]


def test_a_compiler_that_failed_for_a_moment_is_no_verdict(monkeypatch):
    builds = Builds(0)
    monkeypatch.setattr(trial, "build", builds)
    monkeypatch.setattr(trial, "run", lambda *_, **__: Run())
    assert tried(BROKEN).status == SURVIVED
    assert builds.texts[:3] == [BROKEN.text(), mutations.source(FFS), BROKEN.text()]
    monkeypatch.setattr(trial, "build", Builds(0, 2))
    assert tried(BROKEN) == Outcome(INVALID, tried_first(), 0.0, "g++: error: out of sorts")


def tried_first() -> str:
    return " ".join(next(iter(trial.plan(FFS, ["ffs"])))[:3])


def test_a_crash_is_asked_of_the_rtl_as_it_is_each_time(monkeypatch):
    """A pass of before says nothing of a disk that is full since."""
    asked = []
    monkeypatch.setattr(trial, "build", Builds())
    monkeypatch.setattr(trial, "judge", lambda _: HANGS)
    monkeypatch.setattr(trial, "tidy", lambda _: asked.append("tidy"))

    def run(bench: Bench, *_, **__):
        asked.append(bench.name)
        return Run()

    monkeypatch.setattr(trial, "run", run)
    for _ in range(2):
        assert tried(BROKEN).status == HANGS
    assert asked == [f"mutant-{BROKEN.name}", "ffs", "tidy"] * 2


def test_a_bench_that_fails_by_itself_kills_nothing(monkeypatch):
    def fails(*bench, **words):
        return dataclasses.replace(simulate(*bench, **words), passed=False)

    trial.check_alone.cache_clear()
    monkeypatch.setattr(trial, "run", fails)
    with pytest.raises(trial.AloneError, match="ffs: fails on the RTL as it is"):
        tried(place(FFS, "assign valid_o = |in_i;", "assign valid_o = &in_i;"))


def test_builds_and_runs_of_mutants_are_removed(monkeypatch, tmp_path):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setattr(trial, "check_alone", lambda *_: None)  # its build would stay
    assert trial.attempt(BROKEN, ["ffs"]).status == KILLED
    assert left_by_mutants(tmp_path) == []


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


def test_others_are_the_smallest_of_each_folder_first():
    known = trial.world()
    for file, benches in trial.files().items():
        tops = f"lac_{Path(file).parent.name}"
        rest = [
            name
            for name in known.benches
            if file in known.files[name]
            and name not in trial.owners()[file]
            and known.benches[name].top != tops
        ]
        rooms: dict[str, list[int]] = {}
        for name in rest:
            room = rooms.setdefault(known.benches[name].module.split(".")[1], [])
            room.append(len(known.files[name]))
        firsts = sorted(min(sizes) for sizes in rooms.values())
        asked = [len(known.files[name]) for name in benches if name in rest]
        assert len(asked) == min(len(rest), trial.OTHERS), file
        assert asked[: len(firsts)] == firsts[: trial.OTHERS], file


def test_an_equivalent_of_a_line_that_is_there_twice_is_told_by_the_one_behind():
    file = "rtl/scnn/lac_scnn_wgt_load.sv"
    (known,) = [one for one in trial.equivalents() if one.file == file and one.behind]
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


def resumed(monkeypatch, outcomes, *words):
    """``RESUME=1`` after ``run_cli``, without a seed."""
    answers = iter(outcomes)
    monkeypatch.setattr(trial, "attempt", lambda *_: next(answers))
    return cli.main(["--resume", *words])


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


def record(root: Path) -> dict:
    return json.loads((root / cli.RECORD).read_text())


def test_a_resumed_run_without_a_seed_goes_on_with_the_last_one(monkeypatch, tmp_path, capsys):
    killed = [Outcome(KILLED, "fifo", 1)] * 3
    with pytest.raises(RuntimeError):
        run_cli(monkeypatch, tmp_path, killed[:2], "--n", "3")  # ends in the third
    planned = {one.name for one, _ in cli.drawn(cli.candidates("fifo"), 3, 1)}
    assert resumed(monkeypatch, killed[:1]) == 0
    assert "2 of 3 were run before" in capsys.readouterr().out
    found = record(tmp_path)
    assert {one["name"] for one in found["mutants"]} == planned
    assert (found["seed"], found["n"], found["design"]) == (1, 3, "fifo")


def test_there_must_be_a_call_to_go_on_with(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    for text in (None, "", "{}", "[]", '{"seed": "1", "n": 2, "design": "", "mutant": ""}'):
        if text is not None:
            (tmp_path / cli.RECORD).write_text(text)
        assert resumed(monkeypatch, []) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "resume: no call in" in line and "need SEED" in line
    one = cli.drawn(cli.candidates("fifo"), 1, 1)[0][0].name
    killed = [Outcome(KILLED, "fifo", 1)]
    assert run_cli(monkeypatch, tmp_path, killed, "--mutant", one) == 0
    assert resumed(monkeypatch, []) == 2
    assert f"the last call ran {one} alone, need SEED" in capsys.readouterr().err


def test_what_does_not_build_says_why_and_is_asked_again(monkeypatch, tmp_path, capsys):
    refused = Outcome(INVALID, "fifo default icarus", 1, "lac_fifo.sv:3: error: [no] such")
    assert run_cli(monkeypatch, tmp_path, [refused], "--n", "1") == 1
    out = capsys.readouterr().out
    assert "does not build: lac_fifo-" in out and refused.why in out
    assert record(tmp_path)["mutants"][0]["why"] == refused.why
    assert resumed(monkeypatch, [Outcome(KILLED, "fifo", 1)]) == 0
    assert "1 of 1 noticed" in capsys.readouterr().out


def only(monkeypatch, *there: str):
    """Only these simulators are there, in a version of their own."""

    def version(name: str) -> str:
        if name not in there:
            raise simulators.ToolMissing(f"no {name}")
        return f"{name} 1"

    monkeypatch.setattr(simulators, "version", version)


def test_one_simulator_will_do(monkeypatch, tmp_path, capsys):
    only(monkeypatch, "icarus")
    assert run_cli(monkeypatch, tmp_path, [Outcome(KILLED, "fifo", 1)], "--n", "1") == 0
    assert "left out: no verilator" in capsys.readouterr().out
    only(monkeypatch)
    assert run_cli(monkeypatch, tmp_path, [], "--n", "1") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing to run" in line and "no icarus" in line and "no verilator" in line


def test_what_no_bench_would_look_at_is_not_drawn(monkeypatch):
    monkeypatch.setattr(trial, "plan", lambda file, _: ["ffs"] if file == FFS else [])
    assert {one.file for one in cli.candidates("fifo,ffs")} == {FFS}


def test_other_simulators_are_another_result(monkeypatch):
    keys = set()
    for there in (("icarus",), ("verilator",), ("icarus", "verilator")):
        only(monkeypatch, *there)
        keys.add(cli.key(BROKEN, ["ffs"]))
    monkeypatch.setattr(simulators, "version", lambda name: f"{name} {2 if name[0] == 'i' else 1}")
    keys.add(cli.key(BROKEN, ["ffs"]))
    assert len(keys) == 4


@pytest.mark.parametrize("text", ["{}", "[]", "1", '{"status": "killed"}', "{"])
def test_what_is_no_record_is_not_taken_for_one(monkeypatch, tmp_path, text):
    killed = [Outcome(KILLED, "fifo", 1)]
    assert run_cli(monkeypatch, tmp_path, killed, "--n", "1") == 0
    (path,) = (tmp_path / "kept" / "mutate").iterdir()
    path.write_text(text)
    assert run_cli(monkeypatch, tmp_path, killed, "--n", "1", "--resume") == 0
    assert [one["status"] for one in record(tmp_path)["mutants"]] == [KILLED]


def test_a_journal_that_was_cut_off_is_written_down(monkeypatch, tmp_path):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    whole = json.dumps(cli.record_of(BROKEN, Outcome(KILLED, "ffs", 1)))
    (tmp_path / cli.JOURNAL).write_text(f"{whole}\n{{}}\n{whole[:40]}")
    call = cli.Call(7, 5, "ffs,eie*")
    told = {"call": dataclasses.asdict(call), "planned": 5, "folder": str(tmp_path)}
    said = cli.stopped(json.dumps(told))
    assert said == "1 of 5 mutants are done; RESUME=1 SEED=7 N=5 DESIGN='ffs,eie*' does the rest"
    assert record(tmp_path)["noticed"] == 1 and cli.last_call(tmp_path / cli.RECORD) == call


def test_help_says_what_a_seed_is_here():
    assert "drawn" in door.variable_of("mutate", "SEED").help


@pytest.mark.parametrize("words", [["--mutant", "lac_fifo-00000000"], ["--design", "fiffo"]])
def test_wrong_names_are_refused(words, capsys):
    assert cli.main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
