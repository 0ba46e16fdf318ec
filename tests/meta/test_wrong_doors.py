"""Whatever is wrong on a command line: one line on stderr, exit status 2, nothing built."""

from __future__ import annotations

import shlex
from importlib import import_module

import pytest

from models.places import ROOT
from tests.meta.exits import status

#: Program, options, what the line says.
WRONG = [
    ("run", "--design=eei", "design: found 'eei', did you mean 'eie'?"),
    ("run", "--net=lenet", "net: found 'lenet', did you mean"),
    ("run", "--workload=eie/alx-7", "workload: found 'eie/alx-7'"),
    ("run", "--layer=none.npz", "layer: found 'none.npz' (no such file), need a file"),
    ("run", "--layer=docs", "layer: found 'docs' (a folder), need a file"),
    ("run", "--layer=README.md", "README.md"),
    ("run", "--energy=none.toml", "energy: found 'none.toml' (no such file)"),
    ("run", "--energy=docs", "energy: found 'docs' (a folder)"),
    ("run", "--energy=README.md", "README.md"),
    ("run", "--density=abc", "density: found 'abc', need a number above 0 up to 1"),
    ("run", "--density=nan", "density: found 'nan'"),
    ("run", "--bits=0", "bits: found '0', need an integer 1..8"),
    ("run", "--seed=-1", "seed: found '-1', need an integer 0.."),
    ("run", "--seed=one", "seed: found 'one', need an integer 0.."),
    ("run", "--count=0", "count: found '0', need an integer from 1 up"),
    ("run", "--sim=verilatro", "did you mean 'verilator'?"),
    ("run", "--out=README.md", "out: found 'README.md', need a folder to write"),
    ("run", "--design=eie --num-pe=x", "num-pe: found 'x', need an integer"),
    ("run", "--desing=eie", "option: found '--desing', did you mean '--design'?"),
    ("run", "extra", "argument: found 'extra'"),
    ("run", "--net=lenet_5 --layer=README.md", "layer: not beside net"),
    ("run", "--density", "density: found nothing, need a value"),
    ("sim", "--design=fifoo", "design: found 'fifoo', did you mean 'fifo'?"),
    (
        "sim",
        "--design=fifo --config=deflaut",
        "config: fifo: found 'deflaut', did you mean 'default'?",
    ),
    ("sim", "--design=fifo --test=smoek", "test: found 'smoek', did you mean 'smoke'?"),
    ("sim", "--design=fifo --seed=x", "seed: found 'x'"),
    ("sim", "--design=fifo --sim=vcs", "sim: found 'vcs', known: verilator, icarus"),
    ("sim", "--test=smoke", "design: found nothing, need a bench"),
    ("regress", "--test=nope", "test: found 'nope', known: "),
    ("regress", "--test=smoek", "did you mean 'smoke'?"),
    ("regress", "--design=fifo,srma", "design: found 'srma', did you mean 'sram'?"),
    ("regress", "--config=nope", "config: found 'nope', known: "),
    ("regress", "--n=0", "n: found '0', need an integer 1..1000000"),
    ("regress", "--jobs=0", "jobs: found '0', need an integer 1..64"),
    ("regress", "--jobs=-1", "jobs: found '-1', need an integer 1..64"),
    ("regress", "--jobs=abc", "jobs: found 'abc', need an integer 1..64"),
    ("cov", "--design=nope", "design: found 'nope'"),
    ("cov", "--design=eie --config=pe5", "config: eie: found 'pe5', did you mean"),
    ("cov", "--n=-3", "n: found '-3'"),
    ("bench", "--design=dense", "design: dense has no benchmark layers; there are: eie"),
    ("bench", "--design=nope", "design: found 'nope', known: eie, dense"),
    ("bench", "--layers=alex-77", "layers: found 'alex-77', did you mean 'alex-7'?"),
    ("bench", "--seeds=x", "seeds: found 'x', need integers"),
    ("bench", "--jobs=65", "jobs: found '65'"),
    ("granularity", "--layers=conv9-1", "layers: found 'conv9-1', did you mean"),
    ("granularity", "--rtl=none.json", "rtl: found 'none.json' (no such file)"),
    ("formats", "--net=nope", "net: found 'nope', known: "),
    ("formats", "--shape=1", "SHAPE: found '1', need K,C or K,C,R,S"),
    ("formats", "--layer=none.npz", "layer: found 'none.npz' (no such file)"),
    ("formats", "--width=1", "width: found '1', need an integer 2..32"),
    ("area", "--design=nope", "design: found 'nope', known: eie, dense"),
    ("area", "--config=16x61", "config: found '16x61', did you mean '16x16"),
    ("area", "--top=lac_fif", "top: found 'lac_fif', did you mean 'lac_fifo'?"),
    ("area", "--top=lac_fifo -G Widht=3", "config: lac_fifo: found 'Widht', did you mean 'Width'?"),
    ("area", "--top=lac_fifo -G Width=x", "G: found 'Width=x', need NAME=NUMBER"),
    ("area", "-G Width=3", "G: only beside --top"),
    ("pergate", "--densities=2", "densities: found '2', need numbers above 0 up to 1"),
    ("pergate", "--jobs=0", "jobs: found '0'"),
    ("compare", "--at=gate", "at: found 'gate', did you mean 'gates'?"),
    ("compare", "--net=lenet", "net: found 'lenet', did you mean"),
    ("compare", "--workload=brt", "workload: found 'brt', known: "),
    ("compare", "--budget=0", "budget: found '0', need a number above 0"),
    ("compare", "--layer=none.npz", "layer: found 'none.npz' (no such file), need a file"),
    ("which", "", "layer: found nothing, need a .npz file: LAYER=my.npz"),
    ("which", "--layer=README.md", "README.md"),
    ("which", "--at=price", "at: found 'price', known: multipliers, gates, memory"),
    ("map", "--kinds=7x7", "kinds: found '7x7', known: 1x1; 3x3"),
    ("map", "--kinds=3x3 --docs", "docs: found some kinds or structures, need all"),
    ("map", "--jobs=0", "jobs: found '0', need an integer 1..64"),
    ("sweep", "", "design: found nothing, need one of eie"),
    ("sweep", "--design=eei", "design: found 'eei', did you mean 'eie'?"),
    ("sweep", "--design=eie --config=num_ep=4", "found 'num_ep', did you mean 'num_pe'?"),
    ("sweep", "--design=eie --config=num_pe", "config: found 'num_pe', need field=values"),
    ("sweep", "--design=eie --config=num_pe=4..x", "num_pe: found '4..x', need 4,8 or 1..16"),
    ("sweep", "--design=eie --config=num_pe=8..4", "num_pe: found '8..4', need a range that goes"),
    ("sweep", "--design=eie --density=0.5..2", "density: found 2.0, need numbers above 0"),
    ("sweep", "--design=eie --density=0.00001..1:0.00001", "need at most 10,000 values"),
    ("sweep", "--design=eie --shape=4", "shape: found '4', need K,C or K,C,R,S from 1"),
    ("sweep", "--design=eie --structure=blok", "structure: found 'blok', did you mean 'block'?"),
    ("train", "--net=lenet_6", "net: found 'lenet_6', did you mean 'lenet"),
    ("lint", "rufff", "tools: found 'rufff', did you mean 'ruff'?"),
    ("lint", "ruff --rtl=nowhere", "rtl: found 'nowhere' (no such folder), need one to read"),
    ("docs", "--chek", "option: found '--chek', did you mean '--check'?"),
]


@pytest.mark.parametrize(("program", "words", "message"), WRONG)
def test_a_wrong_word_is_one_line_and_exit_status_2(
    program, words, message, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    folder = (ROOT / "scripts" / program).is_dir()
    module = import_module(f"scripts.{program}.cli" if folder else f"scripts.{program}")
    assert status(module.main, shlex.split(words)) == 2
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert said.out.strip() == ""
    assert not (tmp_path / "build" / "sim").exists()


#: Pages that are made again from their data: those of a program with ``main``.
PAGES = [
    path.parent.name
    for path in sorted((ROOT / "scripts").glob("*/page.py"))
    if "\ndef main(" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("program", PAGES)
@pytest.mark.parametrize("wrong", ["no folder", "a file", "no data", "no JSON", "other data"])
def test_a_page_without_its_data_is_one_line_and_exit_status_2(
    program, wrong, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    page = import_module(f"scripts.{program}.page")
    folder = tmp_path / "report"
    if wrong == "a file":
        folder.write_text("")
    elif wrong != "no folder":
        folder.mkdir()
    for name in (f"{program}.json", "results.json") if wrong in ("no JSON", "other data") else ():
        for room in (folder, tmp_path / "build" / "area"):
            room.mkdir(parents=True, exist_ok=True)
            (room / name).write_text("{" if wrong == "no JSON" else "{}")
    assert status(page.main, [str(folder)]) == 2
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    assert line.startswith("error: ")
    assert "folder: found" in line if wrong in ("no folder", "a file") else ".json: " in line
    assert said.out.strip() == ""


def test_pages_are_found():
    assert {"area", "formats", "granularity", "pergate", "run"} <= set(PAGES)
