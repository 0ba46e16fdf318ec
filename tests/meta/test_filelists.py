"""Whoever takes a block gets a list that is whole: ``.f``, FuseSoC, Bender, the page about it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import registry
from models.formats.csc import Csc
from models.places import ROOT
from scripts import filelists, lint
from scripts.filelists import RTL
from tb.common.sim import simulators

BLOCKS = filelists.blocks(RTL)


def test_they_are_up_to_date():
    assert list(filelists.behind()) == [], "run: python -m scripts.filelists"


def test_designs_formats_and_common_modules_have_one():
    names = {f"lac_{name}" for name in registry.DESIGNS}
    names |= {path.stem for path in RTL.glob("formats/*_dec.sv")}
    names |= {path.stem for path in RTL.glob("formats/*_enc.sv")}
    names |= {path.stem for path in RTL.glob("common/*.sv")} - {"lac_pkg"}
    names -= {path.stem for path in RTL.glob("common/*_pkg.sv")}
    assert names == set(BLOCKS)


@pytest.fixture
def rtl(tmp_path: Path) -> Iterator[Path]:
    """A small tree of RTL with a block that instantiates another, and its lists."""
    folder = tmp_path / "rtl"
    (folder / "common").mkdir(parents=True)
    (folder / "toy").mkdir()
    inner = "module lac_inner (\n  input logic a_i,\n  output logic b_o\n);\n  assign b_o = a_i;\n"
    (folder / "common" / "lac_inner.sv").write_text(inner + "endmodule\n")
    toy = "module lac_toy (\n  input logic a_i,\n  output logic b_o\n);\n"
    toy += "  lac_inner u_inner (.a_i(a_i), .b_o(b_o));\nendmodule\n"
    (folder / "toy" / "lac_toy.sv").write_text(toy)
    filelists.renew(folder)
    yield folder
    for cached in (filelists.folders, filelists.modules, filelists.blocks, filelists.sources):
        cached.cache_clear()


@pytest.mark.parametrize("kind", ["toy/lac_toy.f", "toy/lac_toy.core", "../Bender.yml"])
def test_a_list_that_is_behind_is_noticed(rtl, kind):
    assert filelists.behind(rtl) == {}
    path = rtl / kind
    good = path.read_text()
    path.write_text(good.replace("lac_inner", "lac_outer"))
    assert [late.resolve() for late in filelists.behind(rtl)] == [path.resolve()]
    path.unlink()
    assert [late.resolve() for late in filelists.renew(rtl)] == [path.resolve()]
    assert path.read_text() == good


def test_a_list_of_no_block_is_noticed(rtl):
    (rtl / "toy" / "lac_gone.f").write_text("lac_gone.sv\n")
    assert filelists.behind(rtl) == {rtl / "toy" / "lac_gone.f": None}
    filelists.renew(rtl)
    assert not (rtl / "toy" / "lac_gone.f").exists()


def test_lists_behind_are_findings_of_lint(monkeypatch):
    assert lint.lint_lists(RTL) == []
    monkeypatch.setattr(filelists, "behind", lambda: {RTL / "eie" / "lac_eie.f": "x"})
    (found,) = lint.lint_lists(RTL)
    assert (found.path, found.rule) == ("rtl/eie/lac_eie.f", "behind")


@pytest.mark.parametrize("check", [lint.lint_verilator, lint.lint_icarus])
def test_lint_elaborates_with_the_list_and_nothing_else(rtl, check):
    try:
        assert check(rtl) == []
    except lint.Skipped as why:
        pytest.skip(str(why))
    path = rtl / "toy" / "lac_toy.f"
    path.write_text(path.read_text().replace("../common/lac_inner.sv\n", ""))
    found = check(rtl)
    assert found, "a file is missing in the list"
    assert any("lac_inner" in one.message for one in found)


# ---------------------------------------------------------------- .f


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_a_plain_list_names_what_is_needed_relative_to_itself(name):
    folder = BLOCKS[name].parent
    lines = (folder / f"{name}.f").read_text().splitlines()
    words = [line for line in lines if line and not line.startswith("//")]
    files = [(folder / word).resolve() for word in words if not word.startswith("+")]
    assert files == [path.resolve() for path in filelists.sources(name, RTL).files]
    assert files[-1].stem == name
    for word in words:
        if word.startswith("+"):
            assert (folder / word.removeprefix("+incdir+")).is_dir()


# ---------------------------------------------------------------- FuseSoC


def core(path: Path) -> tuple[str, list[str], list[str]]:
    """Name, files and dependencies of a ``.core``."""
    text = path.read_text()
    assert text.startswith("CAPI=2:\n"), "FuseSoC looks for this line"
    name = re.search(r"^name: (\S+)$", text, re.MULTILINE)[1]
    entries = re.findall(r"^      - ([^\s:]+)(?::\S*)?(?: .*|:\d\S*)?$", text, re.MULTILINE)
    depends = re.findall(r"^      - (lacuna:rtl:\S+)$", text, re.MULTILINE)
    files = [entry.partition(":")[0] for entry in entries if not entry.startswith("lacuna")]
    return name, files, depends


CORES = {core(path)[0]: path for path in sorted(RTL.glob("*/*.core"))}


def test_each_file_is_in_one_core_which_stands_beside_it():
    seen = [path.parent / file for path in CORES.values() for file in core(path)[1]]
    assert len(seen) == len(set(seen))
    assert all(path.is_file() for path in seen)
    needed = {file for name in BLOCKS for file in filelists.sources(name, RTL).files}
    assert needed <= set(seen)


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_a_core_brings_all_that_its_block_needs(name):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    waiting, seen, files = [f"lacuna:rtl:{name}:{version}"], set(), set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            _, here, depends = core(CORES[one])
            files |= {(CORES[one].parent / file).resolve() for file in here}
            waiting += depends
    needed = filelists.sources(name, RTL)
    assert {path.resolve() for path in (*needed.files, *needed.headers)} <= files


def test_cores_that_need_each_other_are_refused(rtl):
    inner = rtl / "common" / "lac_inner.sv"
    inner.write_text(
        inner.read_text().replace("assign", "// lac_other\n  lac_other u ();\n  assign")
    )
    (rtl / "common" / "lac_other.sv").write_text(
        "module lac_other;\n  lac_inner u ();\nendmodule\n"
    )
    for cached in (filelists.folders, filelists.modules, filelists.blocks, filelists.sources):
        cached.cache_clear()
    with pytest.raises(ValueError, match="cores need each other"):
        filelists.cores(rtl)


# ---------------------------------------------------------------- Bender


def holds(expression: str, targets: set[str]) -> bool:
    """Bender's target expressions, as far as they are used here: any(not(x), y, ...)."""
    inner = re.fullmatch(r"any\(not\((\w+)\)((?:, \w+)+)\)", expression)
    assert inner, expression
    return inner[1] not in targets or bool(set(inner[2].split(", ")[1:]) & targets)


def bender(targets: set[str]) -> list[Path]:
    """The files that Bender's manifest brings for some targets, in order."""
    files: list[Path] = []
    wanted = False
    for line in (ROOT / "Bender.yml").read_text().splitlines():
        if target := re.fullmatch(r"      - target: (.*)", line):
            wanted = holds(target[1], targets)
        elif (file := re.fullmatch(r"          - (.*\.sv)", line)) and wanted:
            files.append(ROOT / file[1])
    return files


def test_bender_brings_all_blocks():
    everything = bender(set())
    needed = {file for name in BLOCKS for file in filelists.sources(name, RTL).files}
    assert set(everything) == needed
    assert len(everything) == len(needed)


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_bender_brings_one_block(name):
    files = bender({"lac_only", name})
    assert set(files) == set(filelists.sources(name, RTL).files)
    for at, path in enumerate(files):
        needed = filelists.sources(path.stem, RTL).files
        assert set(needed) <= set(files[: at + 1]), f"{path.name} comes before what it needs"


# ---------------------------------------------------------------- the page


def page(home: Path) -> Iterator[tuple[str, str]]:
    """Commands of docs/taking.md and what they print; writes its files."""
    text = (ROOT / "docs" / "taking.md").read_text()
    command = ""
    for kind, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if kind == "systemverilog":
            (home / re.match(r"// ~/(\S+)", body)[1]).write_text(body)
        elif kind == "sh":
            command = body
            if "--copy" in body:
                yield body, ""
        else:
            yield command, body


def test_the_page_about_taking_a_block_works_as_it_says(tmp_path):
    """In an empty home, with nothing of the project but what was copied."""
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    (tmp_path / "lacuna").symlink_to(ROOT)
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    printed = []
    for command, expected in page(tmp_path):
        with (tmp_path / "said").open("w+") as said:
            words = ["sh", "-ec", command]
            subprocess.run(words, cwd=tmp_path, env=env, stdout=said, stderr=said, check=True)
            said.seek(0)
            lines = [line for line in said.read().splitlines() if "$finish" not in line]
        if expected:
            assert lines == expected.splitlines()
            printed.append(expected)
    assert len(printed) == 2
    copied = {path.name for path in (tmp_path / "chip" / "csc").iterdir()}
    assert {"LICENSE", "lac_assert.svh", "lac_fmt_csc_dec.sv"} <= copied


def test_the_words_of_the_page_are_those_of_the_model():
    tile = [[0, 0], [5, 0], [0, 9], [0, 0], [0, 0], [0, 0], [7, 0], [0, 0]]
    shared = Csc(value_width=8, idx_width=2, ptr_width=8)
    words = shared.words(shared.encode(tile), 32).view("<u4").ravel()
    text = (ROOT / "docs" / "taking.md").read_text()
    shown = re.findall(r"words\[\d\] = 32'h(\w+);", text)
    assert [int(word.replace("_", ""), 16) for word in shown] == words.tolist()


def test_a_copied_list_elaborates_on_verilator(tmp_path):
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    filelists.copy("lac_fmt_csc_dec", tmp_path)
    with simulators.clean_environment("verilator", {}):
        env = dict(os.environ)
    program = shutil.which("verilator", path=env["PATH"])
    command: list[object] = [program, "--lint-only", "-f", "lac_fmt_csc_dec.f"]
    status, output = lint.call(command, env, tmp_path)
    assert status == 0, output
    (tmp_path / "lac_fmt_ptr.sv").unlink()
    assert lint.call(command, env, tmp_path)[0] != 0
