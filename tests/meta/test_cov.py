"""``make cov``: exit status, pages and UCIS file, on data made here instead of by simulations."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import ucis
from lxml import etree
from ucis.mem.mem_factory import MemFactory
from ucis.merge.db_merger import DbMerger
from ucis.ncdb.ncdb_reader import NcdbReader
from ucis.report.coverage_report_builder import CoverageReportBuilder
from ucis.scope_type_t import ScopeTypeT
from ucis.xml.xml_factory import XmlFactory

from models.places import ROOT
from scripts.cov import cli as cov
from scripts.cov import data as cov_data
from scripts.cov import page as cov_report
from scripts.cov import run as cov_run
from scripts.cov import verdict as cov_verdict
from scripts.cov.data import Run
from scripts.cov.plan import PlanPoint
from scripts.cov.scope import Scope, World
from scripts.regress import attempt
from tb.common.coverage.functional import Collector, Cross, Group, Point
from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tests.meta.test_coverage_code import BLOCK, ELSE, THEN, point, repository

GROUP = Group(
    "demo_pass",
    "a pass",
    (
        Point("load", "entries", {"none": 0, "one": 1, "many": (2, 99)}),
        Point("mode", "option", {"off": 0, "on": 1, "odd": 2}, {"odd": "the register has one bit"}),
    ),
    (
        Cross(
            "both", "load in each mode", ("load", "mode"), {("none", "on"): "refused by the model"}
        ),
    ),
)
SAMPLES = [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1)]
GOOD = (BLOCK, THEN, ELSE, point(1, "toggle", "a_i:0->1", 3), point(2, "user", "cover_a", 1, "2"))


BENCHES = {name: Bench(name, name, f"tb.{name}.tests", ("random",)) for name in ("demo", "other")}
POINTS = (
    PlanPoint(
        "demo", "works", "V1", "it works", ("demo.random",), ("demo_pass",), "tb/demo/plan.toml", 3
    ),
    PlanPoint("demo", "both", "V2", "they work", ("demo.random", "other.random")),
)
WORLD = World(
    BENCHES,
    {"demo": ("rtl/demo.sv",), "other": ("rtl/demo.sv", "rtl/other.sv")},
    {"demo": (GROUP,)},
    POINTS,
)


class Place:
    """A repository with a database of coverage in its build folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.build = folder / "repo", folder / "build"
        self.runs = self.build / "coverage" / "runs"
        monkeypatch.setenv("LAC_BUILD", str(self.build))
        read, check = cov_verdict.read, cov_data.check_sources
        monkeypatch.setattr(cov_verdict, "read", lambda data: read(data, self.root, WORLD))
        monkeypatch.setattr(cov_data, "check_sources", lambda r, _=None: check(r, self.root))
        repository(self.root)
        (self.root / "rtl" / "other.sv").write_text("module other;\nendmodule\n")

    def fill(self, points=GOOD, samples=SAMPLES, failure: str = "", whole: bool = True) -> None:
        """A run of the bench demo, and of the other one if all ran."""
        cov_data.begin(self.runs, [("demo", "default", 1)])
        self.run("demo", points, samples, failure)
        if whole:
            self.run("other", (point(1, "line", "block", 1, "1", "other"),), ())

    def run(
        self,
        bench: str,
        points=GOOD,
        samples=SAMPLES,
        failure: str = "",
        *,
        into: Path | None = None,
        seed: int = 1,
        status: str = "passed",
    ) -> None:
        """Put a run of a bench into a database."""
        scratch = self.build / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        data = scratch / "coverage.dat"
        text = "\n".join(["# SystemC::Coverage-3", *points]) + "\n"
        # As the simulator of another checkout would name it.
        data.write_text(text.replace("FILE", f"/elsewhere/rtl/{bench}.sv"))
        collector = Collector((GROUP,))
        for load, mode in samples:
            collector.sample("demo_pass", load=load, mode=mode)
        sources = {
            name: cov_data.hash_of(self.root / name)
            for name in WORLD.files[bench]
            if (self.root / name).is_file()
        }
        run = Run(bench, "default", seed, {"random": status}, sources, failure)
        hits = [collector.save(scratch, "random")] if samples else []
        cov_data.save(into or self.runs, cov_data.collect(run, data, hits))

    def judge(self, *arguments: str) -> int:
        return cov.main(arguments or ["--report-only"])

    @property
    def page(self) -> str:
        return (self.build / "report" / "coverage" / "index.html").read_text()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def test_goals_met(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill()
    assert place.judge() == 0
    assert "goals met" in capsys.readouterr().out
    assert "All goals are met" in place.page
    assert "refused by the model" in place.page


def test_a_bin_that_nobody_hit(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill(samples=SAMPLES[:-1])
    assert place.judge() == 1
    assert "bins not hit: demo_pass.both: many,on" in capsys.readouterr().out
    assert "many,on <small>not hit" in place.page


def test_an_unreachable_bin_that_was_hit(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill(samples=[*SAMPLES, (0, 1)])
    assert place.judge() == 1
    assert "declared unreachable, but hit by" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (point(6, "line", "block", 0, "6"), "rtl/demo.sv:6: line not covered"),
        (point(6, "branch", "cond_else", 0, "6"), "rtl/demo.sv:6: branch not covered: cond_else"),
        (point(1, "toggle", "q_o:1->0", 0), "rtl/demo.sv:1: toggle not covered: q_o 1->0"),
        (point(2, "user", "cover_b", 0, "2"), "rtl/demo.sv:2: cover not covered: cover_b"),
    ],
)
def test_code_that_is_not_covered(place: Place, capsys, bad: str, message: str) -> None:
    place.fill(points=(*GOOD, bad))
    assert place.judge() == 1
    assert message in capsys.readouterr().out.replace("\n", " ")
    where = message.split(": ", maxsplit=1)[0]
    link = f'<a href="rtl-demo.html#l{where.split(":")[1]}">{where}</a>'
    assert link in place.page


def test_a_failed_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill(failure="run failed: make sim DESIGN=demo SEED=1")
    assert place.judge() == 1
    assert "make sim DESIGN=demo" in capsys.readouterr().out


def test_a_stale_waiver(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill()
    waiver = '[[waiver]]\nfile="rtl/x.sv"\nkind="line"\nmatch="*"\nreason="it was like that once"\n'
    (place.root / "rtl" / "coverage_waivers.toml").write_text(waiver)
    assert place.judge() == 1
    assert "matches nothing any more" in capsys.readouterr().out


def test_part_of_the_benches_is_judged_by_its_own_part(place: Place, capsys) -> None:
    place.fill(whole=False)
    assert place.judge() == 0
    out = capsys.readouterr().out
    assert "Coverage of demo" in out
    assert "other.sv" not in out
    assert re.search(r"demo +\S 1 of 1 +\S +- +\S +- +\S +1", out), out
    assert "Only a part of the benches ran" in place.page
    assert "in part" in place.page
    verdict = cov_verdict.read(place.runs)
    assert {r.point.name: r.status for r in verdict.plan} == {"works": "passed", "both": "part"}


def test_what_others_answer_for_is_seen_but_not_judged(place: Place, capsys) -> None:
    cov_data.begin(place.runs, [])
    bad = point(6, "line", "block", 0, "6").replace("FILE", "/elsewhere/rtl/demo.sv")
    place.run("other", (point(1, "line", "block", 1, "1", "other"), bad), SAMPLES[:1])
    assert place.judge() == 0
    out = capsys.readouterr().out
    assert "seen, but for other benches to cover: demo, demo_pass" in out
    assert "not covered" not in out
    assert "Seen, but not judged" in place.page


def test_all_benches_are_judged_by_everything(place: Place) -> None:
    place.fill()
    assert place.judge() == 0
    (place.root / "rtl" / "third.sv").write_text("module third;\nendmodule\n")
    assert place.judge() == 1


@pytest.mark.parametrize(
    ("config", "tests"), [("small", None), ("large", ["smoke"]), ("only_here", None)]
)
def test_slow_builds_run_their_smoke_test_unless_bins_are_theirs(config: str, tests: Any) -> None:
    bench = Bench(
        *("toy", "lac_toy", "tests.toy", ("smoke", "all")),
        configs={"small": {}, "large": {}, "only_here": {}},
        slow=("large", "only_here"),
        closing=("only_here",),
    )
    assert cov_run.tests_of(bench, config) == tests


def test_the_test_plan_has_a_result_for_each_point(place: Place, capsys) -> None:
    place.fill()
    assert place.judge() == 0
    assert "test plan" in capsys.readouterr().out
    place.run("other", (point(1, "line", "block", 1, "1", "other"),), (), status="failed")
    place.run("demo", samples=SAMPLES[:-1])
    verdict = cov_verdict.read(place.runs)
    assert {r.point.name: r.status for r in verdict.plan} == {"works": "open", "both": "failed"}
    assert place.judge() == 1
    out = capsys.readouterr().out
    assert "tb/demo/plan.toml:3: test plan, point works: holes in demo_pass 9/10" in out
    assert "point both: failed other.random" in out
    assert 'id="plan-demo-works"' in place.page
    assert re.search(r"demo.random <small>1 passed", place.page)
    assert re.search(r"other.random <small>1 of 1 failed", place.page)


def test_no_data_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.judge() == 2
    assert "run make cov" in capsys.readouterr().err


def test_a_run_that_was_stopped_is_told(place: Place, capsys) -> None:
    place.fill()
    (place.runs / "demo-default-1" / "run.json").unlink()
    assert place.judge() == 1
    assert "did not run to its end: DESIGN=demo CONFIG=default SEED=1" in capsys.readouterr().out


def test_data_of_another_version_is_refused(place: Place, capsys) -> None:
    place.fill()
    (place.runs / "runs.json").write_text('{"whole": true}')
    assert place.judge() == 2
    assert "version none, need 2" in capsys.readouterr().err


def test_an_unknown_design_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert cov.main(["--design", "nonsense"]) == 2
    assert "design: found 'nonsense'" in capsys.readouterr().err


def test_almost_all_is_not_all() -> None:
    assert not cov_verdict.Score("line", 99_999, 100_000, 100.0).met
    assert cov_verdict.Score("line", 100_000, 100_000, 100.0).met
    assert not cov_verdict.Score("functional", 0, 0, 100.0).met


def test_source_pages(place: Place) -> None:
    place.fill(points=(BLOCK, THEN, point(4, "branch", "else", 0, "6")))
    assert place.judge() == 1
    verdict = cov_verdict.read(place.runs)
    lines = {line.number: line for line in cov_report.annotate(verdict.code.files["rtl/demo.sv"])}
    assert lines[3].state == "hit"
    assert lines[4].state == "part"
    assert lines[4].notes == ["branch: else"]
    assert lines[6].state == "miss"
    assert lines[9].state == ""
    page = (place.build / "report" / "coverage" / "rtl-demo.html").read_text()
    assert "branch: else" in page
    assert 'href="rtl-demo.html"' in place.page


def test_the_ucis_file_says_the_same(place: Place) -> None:
    """It follows the schema of the standard, and pyucis reads back what was written."""
    place.fill(samples=SAMPLES[:-1])
    place.judge()
    path = place.build / "report" / "coverage.ucis.xml"
    schema = Path(ucis.__file__).parent / "xml" / "schema" / "ucis.xsd"
    etree.XMLSchema(etree.parse(str(schema))).assertValid(etree.parse(str(path)))
    report = CoverageReportBuilder.build(XmlFactory.read(str(path)))
    (group,) = report.covergroups
    bins = {
        f"{item.name}.{b.name}": b.count
        for item in (*group.coverpoints, *group.crosses)
        for b in item.bins
    }
    verdict = cov_verdict.read(place.runs)
    expected = {
        path.removeprefix("demo_pass."): b.hits for path, b in verdict.functional.bins() if b.counts
    }
    assert bins == expected
    assert 0 in bins.values()


# ---------------------------------------------------------------- merging


def two(place: Place) -> tuple[Path, Path]:
    """Two databases of one bench, each with a half of what there is to cover."""
    folders = place.build / "one", place.build / "two"
    halves = ((BLOCK, THEN), SAMPLES[:2]), ((BLOCK, ELSE, *GOOD[3:]), SAMPLES[2:])
    for seed, (folder, half) in enumerate(zip(folders, halves, strict=True), 1):
        cov_data.begin(folder, [("demo", "default", seed)])
        place.run("demo", *half, into=folder, seed=seed)
    return folders


def test_two_halves_are_a_whole(place: Place, capsys) -> None:
    one, other = two(place)
    for folder in (one, other):
        assert place.judge("--merge", str(folder)) == 1
    assert place.judge("--merge", f"{one},{other}") == 0
    assert "goals met" in capsys.readouterr().out
    verdict = cov_verdict.read(place.runs)
    assert verdict.functional.groups["demo_pass"].items["load"].bins["many"].hits == 2
    assert len(verdict.functional.runs) == 2
    lines = {p.line: p.count for p in verdict.code.files["rtl/demo.sv"].points if p.kind == "line"}
    assert lines[2] == 18, "the block ran 9 times in each"


def test_what_was_merged_is_merged_again(place: Place) -> None:
    """As it is done after a hole was closed: the database with one more run."""
    one, other = two(place)
    assert place.judge("--merge", str(one)) == 1
    assert place.judge("--merge", f"{place.runs},{other}") == 0
    assert place.judge("--merge", str(place.build)) == 0, "the build folder stands for its database"


def test_one_run_twice_counts_once(place: Place, capsys) -> None:
    one, _ = two(place)
    copy = shutil.copytree(one, place.build / "copy")
    place.judge("--merge", f"{one},{copy}")
    assert "DESIGN=demo CONFIG=default SEED=1 is in two of them" in capsys.readouterr().out
    verdict = cov_verdict.read(place.runs)
    assert verdict.functional.groups["demo_pass"].items["load"].bins["none"].hits == 1


def test_runs_of_other_sources_are_refused(place: Place, capsys) -> None:
    one, other = two(place)
    source = place.root / "rtl" / "demo.sv"
    source.write_text(source.read_text() + "// changed\n")
    assert place.judge("--merge", f"{one},{other}") == 2
    assert re.search(
        r"error: rtl/demo.sv has changed since \S+/one/demo-default-1 ran \(then \w+, now \w+\): "
        "make cov DESIGN=demo CONFIG=default SEED=1 again",
        capsys.readouterr().err,
    )
    place.run("demo", into=other, seed=2)
    assert place.judge("--merge", f"{one},{other}") == 2
    out = capsys.readouterr().err
    assert "cannot merge: rtl/demo.sv is not the same in" in out
    assert "/one/demo-default-1" in out
    assert "/two/demo-default-2" in out


def test_a_run_that_is_done_again_may_be_of_other_sources(place: Place) -> None:
    one, other = two(place)
    source = place.root / "rtl" / "demo.sv"
    source.write_text(source.read_text() + "// changed\n")
    place.run("demo", into=other, seed=2)
    cov_data.combine(place.runs, [one, other], without=[("demo", "default", 1)])
    assert list(cov_data.load(place.runs).runs) == [("demo", "default", 2)]
    assert cov_data.load(place.runs).missing() == [("demo", "default", 1)]


def test_a_folder_that_is_no_database_is_refused(place: Place, capsys) -> None:
    (place.build / "empty").mkdir(parents=True)
    assert place.judge("--merge", str(place.build / "empty")) == 2
    assert "no coverage database in" in capsys.readouterr().err


def test_two_at_once_in_one_folder_are_refused(place: Place, capsys) -> None:
    place.fill()
    with cov_run.claimed(place.runs):
        assert place.judge() == 2
    assert "another make cov is at work" in capsys.readouterr().err
    assert place.judge() == 0


def test_a_broken_record_is_refused(place: Place, capsys) -> None:
    place.fill()
    for text in ("{", "[]", '{"bench": "demo"}', '{"bench": "demo", "who": 1}'):
        (place.runs / "demo-default-1" / "run.json").write_text(text)
        assert place.judge() == 2, text


# ---------------------------------------------------------------- only what has not passed


@pytest.fixture
def ran(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[cov_data.Key]:
    """What ``make cov`` would run; each run passes, and two benches have one configuration each."""
    keys: list[cov_data.Key] = []

    def plan(args: Any) -> list[tuple[str, str]]:
        return [(name, "default") for name in BENCHES if args.design in (None, "", name)]

    def run_all(_console: object, folder: Path, todo: list[cov_data.Key], *_: object) -> None:
        keys.extend(todo)
        for bench, _config, seed in todo:
            place.run(bench, GOOD if bench == "demo" else (), into=folder, seed=seed)

    def rtl_of(bench: Bench) -> dict[str, str]:
        files = [place.root / name for name in WORLD.files[bench.name]]
        return {str(one.relative_to(place.root)): cov_data.hash_of(one) for one in files}

    monkeypatch.setattr(cov_run, "find", BENCHES.__getitem__)
    monkeypatch.setattr(cov_run, "plan", plan)
    monkeypatch.setattr(cov_run, "_run_all", run_all)
    monkeypatch.setattr(cov_data, "rtl_of", rtl_of)
    monkeypatch.setattr(simulators, "missing", lambda _: None)
    return keys


def key_of(bench: str, seed: int = 1) -> cov_data.Key:
    return bench, "default", seed


def test_what_has_passed_is_not_run_again(place: Place, ran: list[cov_data.Key], capsys) -> None:
    assert place.judge("--n", "2") in (0, 1)
    assert sorted(ran) == [key_of("demo"), key_of("demo", 2), key_of("other"), key_of("other", 2)]
    ran.clear()
    assert place.judge("--resume") in (0, 1)
    assert ran == []
    assert "4 of 4 runs have passed before" in capsys.readouterr().out
    place.run("demo", failure="run failed: over its limit")
    (place.runs / "other-default-2" / "run.json").unlink()
    assert place.judge("--resume") in (0, 1)
    assert sorted(ran) == [key_of("demo"), key_of("other", 2)]
    assert not any(run.failure for run in cov_data.load(place.runs).runs.values())


def test_a_choice_of_what_has_not_passed(place: Place, ran: list[cov_data.Key], capsys) -> None:
    assert place.judge("--jobs=1") in (0, 1)
    for bench in BENCHES:
        place.run(bench, failure="run failed: lost")
    for arguments, expected in (
        (["--design=demo"], [key_of("demo")]),
        (["--n=3"], [key_of("demo", 2), key_of("demo", 3)]
         + [key_of("other"), key_of("other", 2), key_of("other", 3)]),
        (["--design=demo", "--seed=3", "--n=2"], [key_of("demo", 4)]),
        (["--design=demo"], []),
    ):  # fmt: skip
        ran.clear()
        assert place.judge("--resume", *arguments) in (0, 1)
        assert sorted(ran) == expected, arguments
    assert len(cov_data.load(place.runs).runs) == 7, "the others stay"


def test_what_passed_on_other_rtl_is_run_again(place: Place, ran: list[cov_data.Key]) -> None:
    assert place.judge("--jobs=1") in (0, 1)
    (place.root / "rtl" / "other.sv").write_text("module other;  // changed\nendmodule\n")
    ran.clear()
    assert place.judge("--resume") in (0, 1)
    assert ran == [key_of("other")]


def test_nothing_is_removed_where_nothing_can_run(
    place: Place, ran: list[cov_data.Key], monkeypatch
) -> None:
    assert place.judge("--jobs=1") in (0, 1)
    monkeypatch.setattr(simulators, "missing", lambda _: "no Verilator")
    assert place.judge("--design", "demo") == 2
    assert len(cov_data.load(place.runs).runs) == 2


def test_beside_what_is_merged_a_choice_runs(place: Place, ran: list[cov_data.Key]) -> None:
    assert place.judge("--jobs=1") in (0, 1)
    for arguments, expected in (([], []), (["--seed=2"], [key_of("demo", 2), key_of("other", 2)])):
        ran.clear()
        assert place.judge("--merge", str(place.runs), *arguments) in (0, 1)
        assert sorted(ran) == expected
    assert len(cov_data.load(place.runs).runs) == 4


def test_every_seed_of_coverage_can_be_run_again(place: Place, ran, capsys) -> None:
    highest = str((1 << 63) - 1)
    assert place.judge("--seed", highest, "--n", "2") == 2
    line = f"error: seed: found '{highest}', need 0..{(1 << 63) - 2} where n is 2\n"
    assert capsys.readouterr().err == line
    assert ran == []


def test_what_keeps_one_bench_from_running_is_its_own_failure(monkeypatch) -> None:
    monkeypatch.setattr(cov_run, "find", BENCHES.__getitem__)
    monkeypatch.setattr(cov_data, "rtl_of", lambda _: {})
    for error in (
        simulators.ToolMissing("no g++"),
        NotADirectoryError("build/run/demo"),
        ValueError("no module"),
    ):

        def refuse(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(cov_run, "run", refuse)
        monkeypatch.setattr(attempt, "build", refuse)
        monkeypatch.setattr(attempt, "find", BENCHES.__getitem__)
        said = f"run failed: DESIGN=demo CONFIG=default SEED=1: {error}"
        assert cov_run.do_run("demo", "default", 1).run.failure == said
        assert cov_run.do_build("demo", "default") == str(error)


# ---------------------------------------------------------------- UCIS, merged by its own library


def counts(scope: Any, path: str = "") -> Counter[tuple[str, str]]:
    """Count of every bin of a database."""
    found: Counter[tuple[str, str]] = Counter()
    for inner in scope.scopes(ScopeTypeT.ALL):
        here = f"{path}/{inner.getScopeName()}"
        for item in inner.coverItems(-1):
            found[here, item.getName()] += item.getCoverData().data
        found.update(counts(inner, here))
    return found


def ucis_files(place: Place, ending: str) -> list[str]:
    """What make cov writes for each of two halves."""
    files = []
    for number, folder in enumerate(two(place)):
        place.judge("--merge", str(folder))
        target = place.build / f"half{number}{ending}"
        shutil.copy(place.build / "report" / f"coverage.ucis{ending}", target)
        files.append(str(target))
    return files


def check_sums(place: Place, read, ending: str, merged: object, halves: list[object]) -> None:
    """The library's merge has the sums, and they are those of our own merge."""
    one, other = map(counts, halves)
    total = counts(merged)
    assert total == Counter({key: one[key] + other[key] for key in {*one, *other}})
    bins = {name: n for (path, name), n in total.items() if path.endswith("pass/load")}
    assert bins == {"none": 1, "one": 2, "many": 2}
    assert sum(n for (path, _), n in total.items() if "/rtl.demo.sv/" in path) > 0
    assert place.judge("--merge", f"{place.build / 'one'},{place.build / 'two'}") == 0
    ours = counts(read(str(place.build / "report" / f"coverage.ucis{ending}")))
    hit = {key for key, count in total.items() if count}
    assert {key: ours[key] for key in hit} == {key: total[key] for key in hit}


def test_ucis_files_merge_by_the_library(place: Place) -> None:
    halves = [XmlFactory.read(path) for path in ucis_files(place, ".xml")]
    merged = MemFactory.create()
    DbMerger().merge(merged, halves)
    XmlFactory.write(merged, str(place.build / "merged.xml"))
    merged = XmlFactory.read(str(place.build / "merged.xml"))
    check_sums(place, XmlFactory.read, ".xml", merged, halves)


def test_ucis_files_merge_on_the_command_line(place: Place) -> None:
    files = ucis_files(place, ".cdb")
    target = str(place.build / "merged.cdb")
    words = ["-m", "ucis", "merge", "-if", "ncdb", "-of", "ncdb", "-o", target, *files]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    read = NcdbReader().read
    check_sums(place, read, ".cdb", read(target), [read(path) for path in files])


# ---------------------------------------------------------------- who answers for what


@pytest.fixture(scope="module")
def world() -> World:
    return World.of()


@pytest.mark.parametrize(
    ("benches", "files", "groups"),
    [
        (["fifo"], {"common/lac_fifo.sv"}, set()),
        (
            ["array_mesh"],
            {"array/lac_array_mesh.sv", "array/lac_array_col.sv", "array/lac_array_pe.sv"},
            set(),
        ),
        (["fmt_csr"], {"formats/lac_fmt_csr_dec.sv"}, {"fmt_csr"}),
        (["dense_bad"], {"dense/lac_dense.sv", "dense/lac_dense_core.sv"}, {"dense_error"}),
        (["eie_out"], {"eie/lac_eie_out.sv"}, set()),
        (["array_sums"], {"array/lac_array_sums.sv"}, set()),
    ],
)
def test_a_bench_answers_for_its_own(world: World, benches, files, groups) -> None:
    scope = Scope.of(world, [(name, "default") for name in benches])
    assert {f for f in scope.files if scope.judges_file(f)} == {f"rtl/{name}" for name in files}
    assert {g for g in scope.groups if scope.judges_group(g)} == groups


def test_every_file_and_covergroup_has_an_owner(world: World) -> None:
    files = world.owners_of_files()
    assert all(files.values())
    assert set(files) == {str(p.relative_to(ROOT)) for p in ROOT.glob("rtl/*/*.sv")}
    assert all(world.owners_of_groups().values())
    assert all(point.tests for point in world.points)


def test_every_point_of_a_covergroup_has_a_line(world: World) -> None:
    for folder, groups in world.groups.items():
        for group in groups:
            for item in group.items():
                path, line = cov_verdict.declared_at(folder, group.name, item)
                text = (ROOT / path).read_text().splitlines()
                near = " ".join(text[line - 1 : line + 2])
                assert re.search(rf'"{item}"|"{group.name}"|Group\(', near), (group.name, item)


def test_configurations_that_did_not_run_are_told(world: World) -> None:
    scope = Scope.of(world, [("fifo", "default"), ("dense", "a4")])
    assert "fifo: 1 of its 4 configurations ran, without depth1, depth2, odd" in scope.notes()
    assert any(re.match(r"lac_dense: bench dense_bad.* tries it", text) for text in scope.notes())


# ---------------------------------------------------------------- with a simulator


@pytest.mark.skipif(simulators.missing("verilator") is not None, reason="no Verilator")
def test_two_real_benches_one_after_the_other(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    runs = tmp_path / "coverage" / "runs"
    assert cov.main(["--design", "ffs", "--config", "width1"]) == 1
    out = capsys.readouterr().out
    assert "Coverage of ffs " in out
    assert "ffs: 1 of its 4 configurations ran, without default, odd, wide" in out
    assert cov.main(["--design", "first", "--config", "width1", "--merge", str(runs)]) == 1
    out = capsys.readouterr().out
    assert "Coverage of ffs, first " in out
    assert "rtl/common/lac_ffs.sv" in out
    assert "rtl/common/lac_first.sv" in out
    assert "lac_fifo" not in out
    assert re.search(r"common_rtl +\S 2 of 2", out)
    records = cov_data.load(runs).runs
    assert sorted(records) == [("ffs", "width1", 1), ("first", "width1", 1)]
    assert set(records["ffs", "width1", 1].tests.values()) == {"passed"}
    names = (runs / "ffs-width1-1" / "coverage.dat").read_text()
    assert "\x02rtl/common/lac_ffs.sv\x01" in names
    assert str(ROOT) not in names.replace(str(ROOT / "tb"), "")
