"""Player against bare harness: what the figures are, and that a difference is no figure.

``tests/meta/test_player.py`` runs both in RTL; here nothing is built, and nothing timed.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts import options, speed
from tb.common.player import bare, player
from tb.common.player.player import PlayerError


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """Runs that take what the test says: (cycles, seconds) of each in turn, and write a word."""
    told = SimpleNamespace(player=[], bare=[], order=[], words={"player": "1\n", "bare": "1\n"})
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def left(kind: str, folder: Path) -> tuple[int, float]:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("out.hex", "reads.hex"):
            (folder / name).write_text(told.words[kind])
        told.order.append(kind)
        return getattr(told, kind).pop(0)

    def run_program(program, config, seed, out_dir, case):
        cycles, seconds = left("player", out_dir)
        return SimpleNamespace(sim_cycles=cycles, sim_seconds=seconds)

    def run(binary, plan, folder, seed):
        cycles, seconds = left("bare", folder)
        return SimpleNamespace(cycles=cycles, seconds=seconds)

    monkeypatch.setattr(player, "run_program", run_program)
    monkeypatch.setattr(player, "prepare", lambda program, folder, parameters: None)
    monkeypatch.setattr(bare, "run", run)
    monkeypatch.setattr(bare, "link", lambda made: None)
    monkeypatch.setattr(speed, "build", lambda bench: None)
    return told


def test_ratios_are_of_runs_side_by_side(played, tmp_path, capsys):
    played.player = [(1000, 1.0), (1000, 2.0), (1000, 4.0)]
    played.bare = [(1000, 0.5), (1000, 1.8), (1000, 4.4)]
    assert speed.main(["--design", "dense", "--rounds", "3", "--count", "1"]) == 0
    assert played.order == ["player", "bare", "bare", "player", "player", "bare"]
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "│ dense" in line]
    cells = [one.strip() for one in row.strip("│").split("│")]
    assert cells[2:] == ["1,000", "500", "556", "0.50", "0.90", "1.10"]
    (one,) = json.loads((tmp_path / "speed.json").read_text())["designs"]
    assert one["ratio"] == pytest.approx({"min": 0.5, "median": 0.9, "max": 1.1})
    assert one["config"]["rows"] == 16


@pytest.mark.parametrize("what", ["cycles", "words"])
def test_runs_that_differ_are_no_measurement(played, what, tmp_path, capsys):
    played.player = [(1000, 1.0)]
    played.bare = [(1001 if what == "cycles" else 1000, 1.0)]
    if what == "words":
        played.words["bare"] = "2\n"
    assert speed.main(["--design", "dense", "--rounds", "1", "--count", "1"]) == 1
    said = capsys.readouterr().out
    assert ("1001 clock cycles, 1000" if what == "cycles" else "out.hex of player and bare") in said
    assert not (tmp_path / "speed.json").exists()


def test_same_files_looks_at_what_was_read(tmp_path):
    for folder, word in (("one", "1"), ("two", "2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "out.hex").write_text("1")
        (tmp_path / folder / "reads.hex").write_text(word)
    with pytest.raises(PlayerError, match="reads.hex"):
        speed.same_files(tmp_path / "one", tmp_path / "two")


def status_of(asked: list[str]) -> object:
    """Exit status, returned or raised."""
    try:
        return speed.main(asked)
    except SystemExit as left:
        return left.code


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (["--design", "tpu"], "design: found 'tpu'"),
        (["--rounds", "0"], "rounds: found '0', need an integer 1..100"),
        (["--count", "100000"], "count: found 100000, need 1.."),
    ],
)
def test_bad_input_is_one_line(asked, line, capsys):
    assert status_of(asked) == options.BAD_INPUT
    (found,) = capsys.readouterr().err.splitlines()
    assert line in found
