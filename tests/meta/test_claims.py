"""Every row of ``make claims`` follows from the records it names, its verdict from one rule."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from models import registry
from models.design import BASELINE
from models.places import ROOT
from scripts import door, kept
from scripts.bench.networks import cli as networks
from scripts.bench.networks import evaluation
from scripts.claims import cli, papers, renew
from scripts.claims.claim import (
    REFUTED,
    REPRODUCED,
    ROUGH,
    SURPASSED,
    TOLERANCE,
    UNKNOWN,
    UNMEASURED,
    Better,
    Claim,
    Ours,
    Paper,
    compared,
    figure,
    unnumbered,
    verdict,
    within,
)
from scripts.claims.records import Node, Record, RecordError, Records
from scripts.claims.rows import data, row
from scripts.claims.tables import cells, paper_page, readme
from scripts.console import Console
from scripts.docs import cli as docs
from tests.meta.exits import status

CLAIMS = [(name, claim) for name, paper in papers.every().items() for claim in paper.claims]
IDS = [f"{name}-{claim.key}" for name, claim in CLAIMS]
RECORDS = {claim.record.name: claim.record for _, claim in CLAIMS}
THERE = [name for name, one in RECORDS.items() if (ROOT / one.file).is_file()]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide terminal, whatever the one that tests are started from: nothing is wrapped."""
    monkeypatch.setenv("COLUMNS", "300")


# ---------------------------------------------------------------- rows and records


def changed(root: Any, path: tuple[str | int, ...]) -> Any:
    """A copy in which one number is three times itself (an odd one where it is 0)."""
    made = copy.deepcopy(root)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 3 * place[path[-1]] or 0.3
    return made


@pytest.mark.parametrize(("name", "claim"), CLAIMS, ids=IDS)
def test_a_changed_record_changes_the_row(name: str, claim: Claim) -> None:
    if row(claim, Records())["verdict"] == UNMEASURED:
        return  # no record yet, or a study of it that did not run
    root = Records()[claim.record]
    before = claim.ours(root)
    assert root.reads, "a figure that no record holds"
    for one in {one.path: one for one in root.reads}.values():
        after = claim.ours(Node(changed(root.value, one.path), claim.record.file))
        assert after.value != pytest.approx(before.value, rel=1e-9), one.where


def test_the_rows_are_of_the_committed_records() -> None:
    committed = json.loads((ROOT / "docs" / "claims.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(data(papers.every())))


def test_a_record_that_changes_leaves_the_documents_behind(tmp_path: Path) -> None:
    """README and docs/claims.md say what the records say; either shows a change."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    path = tmp_path / "docs" / "scnn.json"
    root = json.loads(path.read_text(encoding="utf-8"))
    root["summary"][0]["speedup"] = 1.1
    path.write_text(json.dumps(root), encoding="utf-8")
    other, today = data(papers.every(), Records(tmp_path)), data(papers.every())
    for make, page in ((paper_page, "docs/claims.md"), (readme, "README.md")):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert docs.renew(text, "claims", partial(make, today)) == text
        assert docs.renew(text, "claims", partial(make, other)) != text


@pytest.mark.parametrize("name", THERE)
def test_a_record_that_is_not_there_says_what_to_run(name: str, tmp_path: Path, capsys) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    record = RECORDS[name]
    (tmp_path / record.file).unlink()
    assert cli.main([], tmp_path) == cli.OK
    assert f"run `{record.command}`" in capsys.readouterr().out
    mine = [
        one
        for paper in data(papers.every(), Records(tmp_path))["papers"]
        for one in paper["rows"]
        if one["record"] == record.file
    ]
    assert mine and all(one["verdict"] == UNMEASURED and one["ours"] is None for one in mine)


def test_a_study_that_did_not_run_says_what_to_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    path = tmp_path / "docs" / "scnn.json"
    root = json.loads(path.read_text(encoding="utf-8"))
    root["studies"]["large_pes"] = []
    path.write_text(json.dumps(root), encoding="utf-8")
    found = {
        one["key"]: one for one in data(papers.some("scnn"), Records(tmp_path))["papers"][0]["rows"]
    }
    assert found["used-64x16"]["verdict"] == UNMEASURED
    assert found["alexnet-plain"]["ours"] is not None


def damaged(text: str, how: str) -> str:
    """docs/scnn.json with a fault."""
    root = json.loads(text)
    first = root["summary"][0]
    match how:
        case "cut off":
            return text[: len(text) // 2]
        case "no field":
            del first["speedup"]
        case "no list":
            root["summary"] = {}
        case "no such element":
            root["summary"] = root["summary"][1:]
        case "twice":
            root["summary"].append(first)
        case "text":
            first["speedup"] = "fast"
        case "not finite":
            return text.replace(f'"speedup": {first["speedup"]}', '"speedup": Infinity', 1)
        case "zero":
            root["studies"]["large_pes"][0]["cycles"] = 0
        case "count":
            first["rtl"] = -1
        case "all else":
            return "[]"
    return json.dumps(root)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("cut off", "docs/scnn.json: no JSON: "),
        ("no field", "docs/scnn.json: summary[0]: found design, network"),
        ("no list", "docs/scnn.json: summary: found {}, need a list"),
        ("no such element", "docs/scnn.json: summary: found none with network=alexnet, variant=pl"),
        ("twice", "docs/scnn.json: summary: found 2 with network=alexnet, variant=plain, maps=iid"),
        ("text", 'docs/scnn.json: summary[0].speedup: found "fast", need a number'),
        ("not finite", "docs/scnn.json: summary[0].speedup: found Infinity, need a finite number"),
        ("zero", "docs/scnn.json: studies.large_pes[0].cycles: found 0, need a number above 0"),
        ("count", "docs/scnn.json: summary[0].rtl: found -1, need a whole number from 0 up"),
        ("all else", "docs/scnn.json: all of it: found [], need an object with summary"),
    ],
)
def test_a_damaged_record_is_one_line_and_exit_status_2(
    how: str, message: str, tmp_path: Path, capsys
) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    path = tmp_path / "docs" / "scnn.json"
    path.write_text(damaged(path.read_text(encoding="utf-8"), how), encoding="utf-8")
    assert status(cli.main, ["--design", "scnn"], tmp_path) == 2
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    assert line.startswith(f"error: {message}")
    assert said.out == ""


@pytest.mark.parametrize("name", THERE)
def test_no_damage_of_a_record_is_a_traceback(name: str, tmp_path: Path) -> None:
    """Each number that is read, gone or another kind: always a ``RecordError`` of that file."""
    record = RECORDS[name]
    for claim in (one for _, one in CLAIMS if one.record == record):
        root = Records()[record]
        if row(claim, Records())["verdict"] == UNMEASURED:
            continue
        claim.ours(root)
        for read in root.reads[:3]:
            for wrong in (None, "x", [], {}, True):
                broken = copy.deepcopy(root.value)
                place = broken
                for step in read.path[:-1]:
                    place = place[step]
                place[read.path[-1]] = wrong
                with pytest.raises(RecordError, match=record.file):
                    claim.ours(Node(broken, record.file))


def test_a_figure_that_cannot_be_computed_names_the_claim() -> None:
    claim = made(ours=lambda root: Ours(1 / 0, "RTL"), record=RECORDS["pergate"])
    with pytest.raises(RecordError, match="docs/pergate.json: k: no figure"):
        row(claim, Records())


# ---------------------------------------------------------------- the rule


def made(**changes: Any) -> Claim:
    facts: dict[str, Any] = {
        "key": "k", "what": "w", "paper": figure(2.0, "x"), "definition": "d",
        "record": Record("none", "make run"), "ours": lambda root: Ours(2.0, "RTL"),
    }  # fmt: skip
    return Claim(**facts | changes)


@pytest.mark.parametrize(
    ("paper", "better", "value", "said"),
    [
        (figure(2.0, "x"), Better.MORE, 2 * (1 - TOLERANCE) + 1e-9, REPRODUCED),
        (figure(2.0, "x"), Better.MORE, 2 * (1 - TOLERANCE) - 1e-9, REFUTED),
        (figure(2.0, "x"), Better.MORE, 2 * (1 + TOLERANCE) - 1e-9, REPRODUCED),
        (figure(2.0, "x"), Better.MORE, 2 * (1 + TOLERANCE) + 1e-9, SURPASSED),
        (figure(2.0, "x"), Better.LESS, 2 * (1 - TOLERANCE) - 1e-9, SURPASSED),
        (figure(2.0, "x"), Better.LESS, 2 * (1 + TOLERANCE) + 1e-9, REFUTED),
        (figure(2.0, "x"), Better.NEITHER, 1.0, REFUTED),
        (figure(2.0, "x"), Better.NEITHER, 3.0, REFUTED),
        (figure(2.0, "x", rough=True), Better.MORE, 2 * (1 - ROUGH) + 1e-9, REPRODUCED),
        (figure(2.0, "x", rough=True), Better.MORE, 2 * (1 - ROUGH) - 1e-9, REFUTED),
        (within(0.3, 0.35, "t", "x"), Better.MORE, 0.33, REPRODUCED),
        (within(0.3, 0.35, "t", "x"), Better.MORE, 0.28, REPRODUCED),
        (within(0.3, 0.35, "t", "x"), Better.MORE, 0.26, REFUTED),
        (within(0.3, 0.35, "t", "x"), Better.MORE, 0.39, SURPASSED),
        (within(2.5, float("inf"), "t", "x"), Better.MORE, 99.0, REPRODUCED),
        (within(2.5, float("inf"), "t", "x"), Better.MORE, 2.0, REFUTED),
    ],
)
def test_the_verdict_follows_the_rule(paper, better, value, said) -> None:
    claim = made(paper=paper, better=better)
    assert verdict(claim, value) == compared(claim, value) == said
    unsaid = made(paper=paper, better=better, open="What it is of is not said.")
    assert (verdict(unsaid, value), compared(unsaid, value)) == (UNKNOWN, said)


def test_a_figure_without_a_number_cannot_be_known() -> None:
    claim = made(paper=unnumbered("near linear", "figure 11"), open="Bars.")
    assert (verdict(claim, 1.0), compared(claim, 1.0)) == (UNKNOWN, "")
    with pytest.raises(ValueError, match="open: found nothing"):
        made(paper=unnumbered("near linear", "figure 11"))
    with pytest.raises(ValueError, match="need low <= high"):
        within(2, 1, "t", "x")


def test_the_tables_show_what_is_open() -> None:
    shown = cells(row(made(open="It is not said."), Records()))
    assert (shown[3], shown[5]) == ("", f"{UNMEASURED}: run `make run`")
    assert shown[7].endswith("Open: It is not said.")


# ---------------------------------------------------------------- claims and commands


def test_every_claim_has_a_name_of_its_own() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all(any(one.headline for one in paper.claims) for paper in papers.every().values())


def test_every_design_brings_the_claims_of_its_paper() -> None:
    missing = [one for one in registry.DESIGNS if one != BASELINE and one not in papers.every()]
    assert missing == [], "scripts/claims/papers/<design>.py with PAPER"


def takes(words: list[str]) -> None:
    """Raise SystemExit where the program behind a target does not take its options."""
    module = import_module(words[2])
    design = next((one.partition("=")[2] for one in words if one.startswith("--design=")), "")
    if design in evaluation.names():
        networks.parser(evaluation.of(design)).parse_args(words[3:])
    elif words[2] == "scripts.run.cli":
        module.parser(list(registry.DESIGNS)).parse_args(words[3:])
    elif hasattr(module, "parser"):
        module.parser().parse_args(words[3:])
    else:
        module.arguments_of(words[3:])


@pytest.mark.parametrize("command", sorted({one.command for one in RECORDS.values()}))
def test_every_command_is_one_that_make_and_its_program_take(command: str) -> None:
    make, target, *settings = command.split()
    values = dict(one.split("=", maxsplit=1) for one in settings)
    assert make == "make" and target in door.TARGETS
    assert door.problem([target], values) == ""
    takes(door.TARGETS[target].command("python", values))


def test_a_command_with_an_unknown_option_is_noticed() -> None:
    with pytest.raises(SystemExit):
        takes(["python", "-m", "scripts.coarse.cli", "--dcos"])


def test_one_paper_alone(capsys) -> None:
    assert cli.main(["--design", "sps"]) == cli.OK
    out = capsys.readouterr().out
    assert "22,044x" in out and "2.37x" not in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--design=scn", "design: found 'scn', did you mean 'scnn'?"),
        ("--resume", "resume: only beside renew"),
        ("--renwe", "option: found '--renwe', did you mean '--renew'?"),
    ],
)
def test_wrong_words(words: str, message: str, capsys) -> None:
    assert status(cli.main, words.split()) == 2
    assert message in capsys.readouterr().err


# ---------------------------------------------------------------- renewing


@pytest.fixture
def two(monkeypatch, tmp_path: Path) -> dict[str, Paper]:
    """A paper with two records, of which one is used twice."""
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    first, second = RECORDS["pergate"], RECORDS["scnn"]
    claims = tuple(made(key=str(at), record=one) for at, one in enumerate((first, second, first)))
    return {"one": Paper(short="One", cited="One et al.", year=2000, claims=claims)}


def test_renewing_runs_every_command_once_and_goes_on_where_it_ended(two, capsys) -> None:
    ran: list[str] = []
    codes: dict[str, int] = {"make bench": 1}

    def run(words) -> int:
        ran.append(" ".join(words))
        return next((code for start, code in codes.items() if ran[-1].startswith(start)), 0)

    first, second = RECORDS["pergate"].command, RECORDS["scnn"].command
    assert renew.renew(two, False, Console(), run) == [f"{second}: exit status 1"]
    assert ran[:2] == [first, second] and ran[2].endswith("-m scripts.docs.cli")
    assert "[2 of 2]" in capsys.readouterr().out
    ran.clear()
    codes.clear()
    assert renew.renew(two, True, Console(), run) == []
    assert ran[0] == f"{second} RESUME=1" and len(ran) == 2
    ran.clear()
    assert renew.renew(two, True, Console(), run) == []
    assert len(ran) == 1
    ran.clear()
    assert renew.renew(two, False, Console(), run) == []
    assert len(ran) == 3


def test_other_sources_are_renewed_again(two, monkeypatch) -> None:
    ran: list[str] = []

    def note(words) -> int:
        ran.append(" ".join(words))
        return 0

    renew.renew(two, False, Console(), note)
    ran.clear()
    monkeypatch.setattr(renew, "sources", lambda: "others")
    renew.renew(two, True, Console(), note)
    assert len(ran) == 3


def test_a_command_that_failed_is_exit_status_1(two, monkeypatch, capsys) -> None:
    monkeypatch.setattr(papers, "some", lambda name: two)
    monkeypatch.setattr(subprocess, "run", lambda words, **_: subprocess.CompletedProcess(words, 1))
    assert cli.main(["--renew"]) == cli.FAILED
    assert "failed: make bench" in capsys.readouterr().out
    assert not list(kept._path(renew.KIND, "").parent.glob("*"))
