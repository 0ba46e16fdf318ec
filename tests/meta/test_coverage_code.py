"""Reading Verilator's points: merging, lines, waivers; and merging of functional coverage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.places import ROOT
from tb.common.coverage import code
from tb.common.coverage.functional import Collector, CoverageError, Cross, Group, Point
from tb.common.coverage.merge import merge
from tb.common.sim import simulators
from tb.common.sim.runner import find, run

SOURCE = """module demo (input logic a_i, output logic q_o);
  always_comb begin
    q_o = 1'b0;
    if (a_i) q_o = 1'b1;
    else begin
      q_o = 1'b0;
    end
  end
endmodule
"""


def point(
    line: int, kind: str, name: str, count: int, block: str = "", module: str = "demo"
) -> str:
    """A line of coverage.dat as Verilator writes it; FILE is put in later."""
    pairs = {"f": "FILE", "l": line, "n": 3, "t": kind, "page": f"v_{kind}/{module}", "o": name}
    pairs |= {"S": block} if block else {}
    pairs["h"] = "top.u_demo"
    text = "".join(f"\x01{key}\x02{value}" for key, value in pairs.items())
    return f"C '{text}' {count}"


def repository(folder: Path, *points: str, extra: str = "") -> tuple[Path, Path]:
    """A root with one source file and a coverage file about it."""
    source = folder / "rtl" / "demo.sv"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    data = folder / "coverage.dat"
    text = "\n".join(["# SystemC::Coverage-3", *points, extra]).strip() + "\n"
    data.write_text(text.replace("FILE", str(source)))
    return folder, data


def read(folder: Path, *points: str, waivers: str = "") -> code.Code:
    root, data = repository(folder, *points)
    path = folder / "waivers.toml"
    path.write_text(waivers)
    return code.results(code.parse(data, root), root, code.load_waivers(path))


BLOCK = point(2, "line", "block", 9, "2-3")
THEN = point(4, "branch", "if", 4, "4")
ELSE = point(4, "branch", "else", 5, "6")


def test_lines_and_branches(tmp_path: Path) -> None:
    found = read(tmp_path, BLOCK, THEN, ELSE)
    file = found.files["rtl/demo.sv"]
    counts = {p.name: p.count for p in file.points if p.kind == "line"}
    assert counts == {"2": 9, "3": 9, "4": 4, "6": 5}
    assert found.tally("branch") == (2, 2)
    assert found.tally("line") == (4, 4)


def test_a_line_is_covered_only_when_all_on_it_ran(tmp_path: Path) -> None:
    found = read(tmp_path, point(4, "line", "block", 9, "4"), point(4, "branch", "if", 0, "4"))
    assert found.tally("line") == (0, 1)
    assert [p.name for _, p in found.missing("branch")] == ["if"]


def test_parameterisations_instances_and_runs_are_one_point(tmp_path: Path) -> None:
    wide = point(4, "branch", "if", 2, "4", module="demo__W8")
    root, data = repository(tmp_path, point(4, "branch", "if", 0, "4"), wide)
    points = code.parse(data, root)
    assert list(points.values()) == [2]
    assert code.results(points + code.parse(data, root), root).tally("branch") == (1, 1)


def test_iterations_of_a_generate_loop_are_one_toggle_but_bits_are_not(tmp_path: Path) -> None:
    toggles = [
        point(1, "toggle", "gen_pe[0].q[1]:0->1", 3),
        point(1, "toggle", "gen_pe[1].q[1]:0->1", 0),
        point(1, "toggle", "gen_pe[1].q[2]:0->1", 0),
        point(1, "toggle", "gen_pe[1].q[2]:1->0", 0),
    ]
    found = read(tmp_path, *toggles)
    assert found.tally("toggle") == (1, 3)
    assert code.short_names(p for _, p in found.missing("toggle")) == ["gen_pe[*].q[2]"]


def test_bits_are_said_together() -> None:
    missing = [code.CodePoint(1, "toggle", f"q[{bit}]:0->1", 0) for bit in (0, 1, 2, 5)]
    missing += [code.CodePoint(1, "toggle", "clr_i:1->0", 0), code.CodePoint(1, "branch", "if", 0)]
    assert code.short_names(missing) == ["q[5,2:0] 0->1", "clr_i 1->0", "if"]


def test_a_cover_property_counts(tmp_path: Path) -> None:
    found = read(tmp_path, point(2, "user", "cover_full", 0, "2"))
    assert found.tally("cover") == (0, 1)


def test_a_file_that_was_never_simulated_is_missing(tmp_path: Path) -> None:
    root, data = repository(tmp_path, BLOCK)
    (root / "rtl" / "other.sv").write_text("// purpose\nmodule other;\nendmodule\n")
    (root / "rtl" / "lac_pkg.sv").write_text("package lac_pkg;\nendpackage\n")
    found = code.results(code.parse(data, root), root)
    assert [(path, p.line) for path, p in found.missing("line")] == [("rtl/other.sv", 2)]


def test_points_outside_rtl_do_not_count(tmp_path: Path) -> None:
    root, data = repository(tmp_path, BLOCK)
    data.write_text(data.read_text().replace("/rtl/", "/tb/"))
    assert not code.parse(data, root)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a coverage file"),
        ("hello\n", "not a coverage file"),
        ("# SystemC::Coverage-3\nC 'x' \n", ":2: not a coverage point"),
        ("# SystemC::Coverage-3\nC '\x01f\x02a' 1\ngarbage\n", ":3: not a coverage point"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "coverage.dat"
    path.write_text(text)
    with pytest.raises(CoverageError, match=message):
        code.parse(path, tmp_path)


def test_a_file_of_other_sources_is_refused(tmp_path: Path) -> None:
    root, data = repository(tmp_path, BLOCK)
    points = code.parse(data, root)
    (root / "rtl" / "demo.sv").rename(root / "rtl" / "renamed.sv")
    with pytest.raises(CoverageError, match="does not exist any more"):
        code.results(points, root)


WAIVER = """[[waiver]]
file = "rtl/demo.sv"
kind = "branch"
match = "if (a_i) q_o*"
arm = "else"
reason = "the input is tied high in this build"
"""


def test_a_waiver_takes_what_it_names(tmp_path: Path) -> None:
    missing = point(4, "branch", "else", 0)
    found = read(tmp_path, THEN, missing, waivers=WAIVER)
    assert found.tally("branch") == (1, 1)
    assert found.problems == []


def test_a_waiver_does_not_take_another_arm(tmp_path: Path) -> None:
    found = read(tmp_path, point(4, "branch", "if", 0, "4"), ELSE, waivers=WAIVER)
    assert found.tally("branch") == (1, 2)
    assert "all of it is covered" in found.problems[0]


def test_a_waiver_of_nothing_is_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, THEN, ELSE, waivers=WAIVER.replace("a_i", "b_i"))
    assert "matches nothing" in found.problems[0]


def test_brackets_of_a_signal_stand_for_themselves(tmp_path: Path) -> None:
    toggles = [point(1, "toggle", f"q[{bit}]:0->1", 0) for bit in (0, 10)]
    waiver = '[[waiver]]\nfile="*"\nkind="toggle"\nmatch="q[0]"\nreason="held at zero by design"\n'
    assert read(tmp_path, *toggles, waivers=waiver).tally("toggle") == (0, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("reason", "note"), "unknown"),
        (('"branch"', '"bench"'), "kind 'bench'"),
        (("the input is tied high in this build", "tied"), "no reason"),
    ],
)
def test_a_wrong_waiver_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(WAIVER.replace(*change))
    with pytest.raises(CoverageError, match=message):
        code.load_waivers(path)


# --- merging of functional coverage ----------------------------------------------------------

GROUP = Group(
    "dice",
    "two dice",
    (
        Point("a", "first", {"low": (1, 3), "high": (4, 6)}),
        Point("b", "second", {"low": (1, 3), "high": (4, 6), "0": 0}, {"0": "no face is blank"}),
    ),
    (Cross("ab", "both", ("a", "b"), {("high", "high"): "the dice are glued together"}),),
)
DECLARED = {"demo": (GROUP,)}


def sampled(folder: Path, *throws: tuple[int, int]) -> Path:
    collector = Collector((GROUP,))
    for a, b in throws:
        collector.sample("dice", a=a, b=b)
    return collector.save(folder, "roll")


def test_merge_adds_hits_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAC_BENCH", "dice")
    monkeypatch.setenv("LAC_SEED", "7")
    files = [sampled(tmp_path, (1, 5), (2, 6)), sampled(tmp_path, (1, 1), (1, 5))]
    assert len(set(files)) == 2
    total = merge(files, DECLARED)
    bins = total.groups["dice"].items["ab"].bins
    assert (bins["low,high"].hits, bins["low,high"].runs) == (3, 2)
    assert (bins["low,low"].hits, bins["low,low"].runs) == (1, 1)
    assert bins["low,low"].example == "DESIGN=dice TEST=roll SEED=7"
    assert total.missing() == ["dice.a.high", "dice.ab.high,low"]
    assert (total.hit, total.goal) == (5, 7)


def test_collectors_that_share_covergroups_count_for_themselves() -> None:
    """One after the other and side by side; what an ignored bin counts is told apart as well."""
    first, second = Collector((GROUP,)), Collector((GROUP,))
    first.sample("dice", a=1, b=0)
    second.sample("dice", a=[4, 5], b=5)
    first.sample("dice", a=2, b=6)
    low = {"a": {"low": 2}, "b": {"high": 1, "0": 1}, "ab": {"low,high": 1}}
    high = {"a": {"high": 1}, "b": {"high": 1}, "ab": {"high,high": 1}}
    assert (first.hits(), second.hits()) == ({"dice": low}, {"dice": high})
    used = {id(made) for one in (first, second) for made, _ in one._mine.values()}
    first.close()
    second.close()
    assert first.hits() == {"dice": {}}
    again = Collector((GROUP,)), Collector((GROUP,))
    for one in again:
        one.sample("dice", a=4, b=5)
    assert [one.hits() for one in again] == [{"dice": high}] * 2
    assert {id(made) for one in again for made, _ in one._mine.values()} == used


def test_nothing_merged_is_nothing_hit() -> None:
    total = merge([], DECLARED)
    assert (total.hit, total.goal) == (0, 7)


def test_a_hit_on_an_ignored_bin_is_told(tmp_path: Path) -> None:
    total = merge([sampled(tmp_path, (4, 4), (1, 0))], DECLARED)
    assert [path for path, _ in total.false_ignores()] == ["dice.b.0", "dice.ab.high,high"]


def test_hits_of_other_bins_are_refused(tmp_path: Path) -> None:
    path = sampled(tmp_path, (1, 1))
    other = Group("dice", "changed", (Point("a", "first", {"any": (1, 6)}),))
    with pytest.raises(CoverageError, match="run again"):
        merge([path], {"demo": (other,)})


@pytest.mark.parametrize("text", ["", "[]", '{"version": 0}'])
def test_a_broken_file_of_hits_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CoverageError, match="x.json"):
        merge([path], DECLARED)


def test_a_run_says_who_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAC_CONFIG", '{"NumPe": 4}')
    record = json.loads(sampled(tmp_path, (1, 1)).read_text())
    assert record["run"]["config"] == {"NumPe": 4}
    assert record["run"]["test"] == "roll"


@pytest.mark.skipif(simulators.missing("verilator") is not None, reason="no Verilator")
def test_what_verilator_writes_is_understood() -> None:
    """One test of the fifo: each kind of point is found, and what did not run is missing."""
    result = run(find("fifo"), "depth1", tests="smoke", coverage=True).check()
    found = code.results(code.parse(result.coverage, ROOT), ROOT)
    fifo = found.files["rtl/common/lac_fifo.sv"]
    tallies = {kind: fifo.tally(kind) for kind in code.KINDS}
    assert all(total for _, total in tallies.values()), tallies
    assert tallies["line"][0] > 10
    assert tallies["toggle"][0] > 4
    assert ("rtl/common/lac_sram.sv", "never simulated") in {
        (path, point.name) for path, point in found.missing("line")
    }
