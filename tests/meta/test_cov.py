"""``make cov``: exit status, pages and UCIS file, on data made here instead of by simulations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import ucis
from lxml import etree
from ucis.report.coverage_report_builder import CoverageReportBuilder
from ucis.xml.xml_factory import XmlFactory

from scripts import cov, cov_report
from tb.common.coverage import Collector, Cross, Group, Point
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


class Place:
    """A repository with results of one run in its build folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.build = folder / "repo", folder / "build"
        self.runs = self.build / "coverage" / "runs"
        monkeypatch.setenv("LAC_BUILD", str(self.build))
        monkeypatch.setattr(cov, "discover", lambda root: {"demo": (GROUP,)})
        read = cov.read
        monkeypatch.setattr(cov, "read", lambda data, whole: read(data, self.root, whole))

    def fill(self, points=GOOD, samples=SAMPLES, failures=(), whole: bool = True) -> None:
        _, data = repository(self.root, *points)
        (self.runs / "demo-1").mkdir(parents=True)
        data.rename(self.runs / "demo-1" / "coverage.dat")
        collector = Collector((GROUP,))
        for load, mode in samples:
            collector.sample("demo_pass", load=load, mode=mode)
        collector.save(self.runs / "demo-1", "random")
        state = {"whole": whole, "runs": 1, "failures": list(failures)}
        (self.runs / "runs.json").write_text(json.dumps(state))

    def judge(self) -> int:
        return cov.main(["--report-only"])

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
    assert "bin not hit: demo_pass.both.many,on" in capsys.readouterr().out
    assert "many,on <small>not hit" in place.page


def test_an_unreachable_bin_that_was_hit(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill(samples=[*SAMPLES, (0, 1)])
    assert place.judge() == 1
    assert "declared unreachable, but hit by" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (point(6, "line", "block", 0, "6"), "line not covered: rtl/demo.sv:6"),
        (point(6, "branch", "cond_else", 0, "6"), "branch not covered: rtl/demo.sv:6 cond_else"),
        (point(1, "toggle", "q_o:1->0", 0), "toggle not covered: rtl/demo.sv:1 q_o 1->0"),
        (point(2, "user", "cover_b", 0, "2"), "cover not covered: rtl/demo.sv:2 cover_b"),
    ],
)
def test_code_that_is_not_covered(place: Place, capsys, bad: str, message: str) -> None:
    place.fill(points=(*GOOD, bad))
    assert place.judge() == 1
    assert message in capsys.readouterr().out.replace("\n", " ")


def test_a_failed_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill(failures=["run failed: make sim DESIGN=demo SEED=1"])
    assert place.judge() == 1
    assert "make sim DESIGN=demo" in capsys.readouterr().out


def test_a_stale_waiver(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.fill()
    waiver = '[[waiver]]\nfile="rtl/x.sv"\nkind="line"\nmatch="*"\nreason="it was like that once"\n'
    (place.root / "rtl" / "coverage_waivers.toml").write_text(waiver)
    assert place.judge() == 1
    assert "matches nothing any more" in capsys.readouterr().out


def test_part_of_the_benches_is_judged_by_what_it_touched(place: Place) -> None:
    place.fill(whole=False)
    (place.root / "rtl" / "other.sv").write_text("module other;\nendmodule\n")
    assert place.judge() == 0


def test_all_benches_are_judged_by_everything(place: Place) -> None:
    place.fill()
    (place.root / "rtl" / "other.sv").write_text("module other;\nendmodule\n")
    assert place.judge() == 1


def test_no_data_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.judge() == 2
    assert "run make cov" in capsys.readouterr().out


def test_a_run_that_was_stopped_is_an_error(place: Place) -> None:
    place.fill()
    (place.runs / "runs.json").unlink()
    assert place.judge() == 2


def test_an_unknown_design_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert cov.main(["--design", "nonsense"]) == 2
    assert "no bench 'nonsense'" in capsys.readouterr().out


def test_almost_all_is_not_all() -> None:
    assert not cov.Score("line", 99_999, 100_000, 100.0).met
    assert cov.Score("line", 100_000, 100_000, 100.0).met
    assert not cov.Score("functional", 0, 0, 100.0).met


def test_source_pages(place: Place) -> None:
    place.fill(points=(BLOCK, THEN, point(4, "branch", "else", 0, "6")))
    assert place.judge() == 1
    verdict = cov.read(place.runs, True)
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
    verdict = cov.read(place.runs, True)
    expected = {
        path.removeprefix("demo_pass."): b.hits for path, b in verdict.functional.bins() if b.counts
    }
    assert bins == expected
    assert 0 in bins.values()
