"""``make run LAYER=`` with scales and zero points: exact on all designs, refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.registry import DESIGNS
from models.workloads import load_own
from scripts.measure.records import load_results
from scripts.run import cli as run
from tests.meta.exits import status
from tests.meta.interpreting import interpreting
from tests.models.test_quantized import GEOMETRIES, quantized, theirs

RNG = np.random.default_rng(8)
#: What builds of 8 bits have.
NARROW = ("--config", "act_width=8,wgt_width=8")


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(run, "write_report", lambda folder: folder)


def small(**more: Any) -> dict[str, Any]:
    """A file with sums of more than 16 bits: the first inputs and outputs of a layer."""
    case = quantized(RNG, "deep")
    kept = {
        "weights": case["w"][:4, :24],
        "activations": case["x"][:, :24, :4, :4],
        "bias": case["bias"][:4],
        "padding": 1,
        "scale": (case["x_scale"] * case["w_scale"] / case["y_scale"])[:4] * np.float32(4),
        "input_zero": case["x_zero"],
        "output_zero": case["y_zero"],
    }
    return {key: one for key, one in (kept | more).items() if one is not None}


def go(tmp_path: Path, arrays: dict[str, Any], *arguments: str, spoil: bool = False) -> int:
    np.savez(tmp_path / "q.npz", **arrays)
    options = ["--layer", str(tmp_path / "q.npz"), "--out", str(tmp_path), *arguments]
    return status(run.main, options, interpreting(spoil))


def test_every_design_answers_the_accumulators_and_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(tmp_path, small(), "--design", "all") == run.OK
    data = load_results(tmp_path / "results.json")
    assert not data["missing"]
    assert {one["design"] for one in data["runs"]} == set(DESIGNS)
    parts = {one["layer"] for one in data["runs"]}
    assert len(parts) > 1 and all(one["bit_exact"] for one in data["runs"])
    text = capsys.readouterr().out
    for name in DESIGNS:
        note = f"q on {name}: quantized; zero points are taken off, accumulators come out exactly"
        assert f"{note}, in {len(parts)} parts that add up" in text
    assert text.count("64 outputs as the quantized layer has") == len(DESIGNS)


def test_builds_of_8_bits_answer_them_in_two_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Activations without their zero point have 9 bits; a product has 16."""
    designs = "dense,sparse_on_dense,sps,eie"
    kept = small()
    kept |= {"weights": kept["weights"][:, :3], "activations": kept["activations"][:, :3]}
    assert go(tmp_path, kept, "--design", designs, *NARROW) == run.OK
    data = load_results(tmp_path / "results.json")
    assert not data["missing"] and all(one["bit_exact"] for one in data["runs"])
    assert all(one["config"]["act_width"] == 8 for one in data["runs"])
    text = capsys.readouterr().out
    assert text.count("parts that add up") == text.count("as the quantized layer has") == 4


def test_the_file_is_the_layer_of_onnxruntime(tmp_path: Path) -> None:
    """Through the file: what comes out of ``golden`` is what onnxruntime answers."""
    name = "depthwise"
    case = quantized(RNG, name)
    _, _, stride, padding, dilation, groups = GEOMETRIES[name]
    np.savez(
        tmp_path / "q.npz",
        weights=case["w"],
        activations=case["x"],
        bias=case["bias"],
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        scale=case["x_scale"] * case["w_scale"] / case["y_scale"],
        input_zero=case["x_zero"],
        output_zero=case["y_zero"],
    )
    found = load_own(tmp_path / "q.npz").quantized
    assert found is not None
    assert np.array_equal(found.golden(), theirs(case, name))


def test_a_wrong_bit_of_a_part_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert go(tmp_path, small(), "--design", "dense", spoil=True) == run.FAILED
    assert "q.part1: 1 of 64 outputs differ" in capsys.readouterr().err


def test_relu_clips_at_the_zero_point(tmp_path: Path) -> None:
    for relu, least in ((0, 0), (1, 118)):
        np.savez(tmp_path / "q.npz", **small(relu=relu, bias=np.full(4, -(1 << 20))))
        own = load_own(tmp_path / "q.npz").quantized
        assert own is not None and own.golden().min() == least


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"scale": None}, "scale: found none beside input_zero, need real numbers above 0"),
        ({"scale": np.ones(3)}, r"scale: found float64 of shape \[3\]"),
        ({"scale": np.ones(4, int)}, "scale: found int64 of shape"),
        ({"scale": np.array([0.1, 0, 1, 1])}, "scale: found 0..1"),
        ({"input_zero": 300}, "input_zero: found 300..300"),
        ({"input_zero": [1, 2]}, r"input_zero: found int64 of shape \[2\]"),
        ({"weight_zero": 0.5}, "weight_zero: found float64"),
        ({"output_zero": np.int64(3)}, "output_zero: found int64 of shape .* uint8 or int8"),
        ({"weights": np.full((4, 24, 3, 3), 300)}, "weights: found integers 300..300 beside scale"),
        ({"activations": np.ones((24, 4, 4))}, "activations: found float64 beside scale"),
        ({"bias": np.full(4, 1 << 40)}, "bias: found int64 beside scale, need integers of 32 bits"),
        ({"shift": 3}, "shift: found one beside scale"),
    ],
)
def test_bad_files_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: dict[str, Any], message: str
) -> None:
    assert go(tmp_path, small(**more), "--design", "dense") == run.BAD_INPUT
    text = capsys.readouterr().err.strip()
    assert len(text.splitlines()) == 1
    with pytest.raises(ValueError, match=message):
        load_own(tmp_path / "q.npz")


def test_options_and_builds_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(tmp_path, small(), "--design", "dense", "--bits", "4") == run.BAD_INPUT
    assert "BITS: found 4 beside a quantized layer" in capsys.readouterr().err
    case = quantized(RNG, "deep")
    deep = small(weights=case["w"][:4], activations=case["x"])
    assert go(tmp_path, deep, "--design", "dense", *NARROW) == run.BAD_INPUT
    text = capsys.readouterr().err.strip()
    assert "width: found results of 8 bits in 'q', need more: sums take over 256 parts" in text
    few = ("--design", "eie", "--config", "act_width=8,wgt_width=8,code_width=4")
    assert go(tmp_path, small(), *few) == run.BAD_INPUT
    text += capsys.readouterr().err.strip()
    assert "values in 'q.part1', allowed" in text and "results of 8 bits" in text
    assert go(tmp_path, small(), "--design", "scnn", *NARROW) == run.BAD_INPUT
    assert "act_width: found 8, allowed 16" in capsys.readouterr().err
