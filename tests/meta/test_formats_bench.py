"""The benches of the formats: their tables against the RTL, their classes and fields by example."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from models.places import ROOT
from tb.formats import coverage, directed, events, faults, fmt_env, tiles
from tb.formats.kinds import ENCODERS, KINDS, Kind, model_of
from tb.formats.layout import EncodedTile, parse

CASES = [
    pytest.param(kind, config, id=f"{kind.name}-{config}")
    for kind in KINDS.values()
    for config in kind.configs
]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_latency_is_that_of_the_header(kind: Kind) -> None:
    text = (ROOT / "rtl" / "formats" / f"{kind.top}.sv").read_text(encoding="utf-8")
    found = re.findall(r"the last beat is at the output (\d+) cycles after the last step", text)
    assert found == [str(kind.latency)]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_lanes_are_those_of_the_model(kind: Kind) -> None:
    used = {p.get("NumLanes", 1) for p in kind.configs.values()}
    assert used <= {1, 4, 16}
    for parameters in kind.configs.values():
        assert parameters.get("NumLanes", 1) in model_of(kind, parameters).lanes


@pytest.mark.parametrize(("kind", "config"), CASES)
def test_tiles_have_the_class_that_was_asked_for(kind: Kind, config: str) -> None:
    """And the model's words are those of the layout."""
    parameters, draw = kind.configs[config], np.random.default_rng(1)
    model, width = model_of(kind, parameters), parameters["WordWidth"]
    for which in tiles.classes(kind, parameters):
        matrix = tiles.make(kind, parameters, draw, *which)
        assert tiles.classify(matrix != 0) == which
        words = fmt_env.to_ints(model.words(model.encode(matrix), width))
        assert parse(kind.layout, parameters, words).words() == words


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_faults_are_those_that_are_meant(kind: Kind) -> None:
    """Every code of a format in some configuration, and never another one."""
    made = set()
    for config, parameters in kind.configs.items():
        if config in kind.slow:
            continue
        draw, width = np.random.default_rng(2), parameters["WordWidth"]
        model, shape = model_of(kind, parameters), (parameters["TileRows"], parameters["TileCols"])
        for which in tiles.classes(kind, parameters)[::4]:
            matrix = tiles.make(kind, parameters, draw, *which)
            words = fmt_env.to_ints(model.words(model.encode(matrix), width))
            good = parse(kind.layout, parameters, words)
            for name in kind.errors:
                for bad in list(faults.faults(kind, parameters, name, good))[:5]:
                    error = model.read(fmt_env.to_bytes(bad, width), shape).error
                    assert error is not None and error[0] == faults.CODES[name], (config, name)
                    made.add(name)
    assert made == set(kind.errors)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_directed_tiles_are_good(kind: Kind) -> None:
    for config in ("default", "odd", "one"):
        parameters, draw = kind.configs[config], np.random.default_rng(3)
        model, shape = model_of(kind, parameters), (parameters["TileRows"], parameters["TileCols"])
        for name in kind.events:
            items = list(directed.directed(kind, parameters, draw, name))
            for item in items[:: max(1, len(items) // 6)]:
                if isinstance(item, EncodedTile):
                    raw = fmt_env.to_bytes(item.words(), parameters["WordWidth"])
                else:
                    raw = model.words(model.encode(item), parameters["WordWidth"])
                tile = model.read(raw, shape)
                assert tile.error is None
                if not isinstance(item, EncodedTile):
                    assert (tile.matrix(shape) == item).all()


def test_every_event_has_one_name() -> None:
    kinds: list[Any] = [*KINDS.values(), *ENCODERS.values()]
    for kind in kinds:
        names = events.names(kind)
        assert len(set(names)) == len(names)


def board() -> fmt_env.Scoreboard:
    """A scoreboard that expects two non-zeros of a 1x2 tile with two lanes."""
    parameters = {"NumLanes": 2, "ValueWidth": 4, "TileRows": 1, "TileCols": 2}
    made = fmt_env.Scoreboard(parameters)
    made.expect(fmt_env.Expected([], [(0, 0, 5, 0), (0, 1, 6, 1)], None))
    return made


class Beat:
    """What a monitor hands on; a good beat with changes."""

    def __init__(self, **changes: int):
        good = {"keep": 3, "value": 0x65, "row": 0, "col": 2, "eol": 2}
        self.__dict__.update(good | {"last": 1, "err": 0, "pos": 0} | changes)


def test_scoreboard_takes_what_is_right() -> None:
    made = board()
    made(Beat())
    assert made.tiles == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": 0x75}, "non-zero 1 is"),
        ({"col": 3}, "non-zero 0 is"),
        ({"eol": 3}, "non-zero 0 is"),
        ({"keep": 1}, "1 non-zeros, expected 2"),
        ({"keep": 2}, "holes"),
        ({"keep": 7}, "non-zero 2 is|holes"),
        ({"err": 4}, "ended with"),
        ({"last": 0, "keep": 0}, "beat without a non-zero"),
        ({"last": 0, "err": 1}, "error before the last"),
    ],
)
def test_scoreboard_refuses(changes, message, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAC_OUT", str(tmp_path))
    with pytest.raises(AssertionError, match=message):
        board()(Beat(**changes))


def test_scoreboard_refuses_what_nobody_expects(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAC_OUT", str(tmp_path))
    made = board()
    made(Beat())
    with pytest.raises(AssertionError, match="nothing was expected"):
        made(Beat())


def test_groups_are_declared_for_every_module() -> None:
    names = {group.name for group in coverage.COVERAGE}
    assert names == {f"fmt_{n}" for n in KINDS} | {f"fmt_{n}_enc" for n in ENCODERS}
