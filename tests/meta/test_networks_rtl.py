"""Networks of files in RTL, whole: what a layer answers there is what the next one sees.

On small builds of all designs, so that every layer is cut; an Icarus run of each takes seconds.
``LAC_MUTANTS=all`` also runs a trained network, fetched, on the builds of ``make run``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from models import lower, registry
from models.graph.compare import reference
from models.graph.network import Network
from models.graph.problem import Wanted
from models.graph.run import Passed
from models.layer import Layer
from models.workloads.fetched import GRAPHS
from models.workloads.packages import PHOTOGRAPHS, PackageMissing
from models.workloads.scales import Widths
from scripts.measure.engine import Engine
from scripts.measure.quantized import QuantizedJob
from scripts.measure.records import load_results
from scripts.run import cli
from tb.common.sim import simulators
from tests.models.graph.nets import mobilenet, residual, separable
from tests.models.test_quantized import ours, quantized, theirs

NIGHTLY = os.environ.get("LAC_MUTANTS", "") == "all"
ARRAY = {"rows": 4, "cols": 4, "act_depth": 512, "wgt_depth": 256, "acc_depth": 256}
BUILDS: dict[str, dict[str, Any]] = {
    "eie": {
        "num_pe": 4,
        "code_width": 8,
        "idx_width": 8,
        "spmat_depth": 64,
        "ptr_depth": 66,
        "ptr_width": 10,
        "act_regs": 16,
    },
    "dense": ARRAY,
    "sparse_on_dense": ARRAY | {"num_units": 2},
    "scnn": {
        "pe_x": 2,
        "pe_y": 2,
        "f": 2,
        "i": 2,
        "banks": 8,
        "entries": 32,
        "max_kc": 8,
        "wgt_fifo": 16,
        "iaram_rows": 64,
        "max_c": 64,
        "wgt_depth": 256,
        "bias_depth": 16,
        "carry_depth": 128,
        "max_taps": 25,
        "row_vectors": 4,
        "count_width": 5,
    },
    "sps": ARRAY,
    "flexflow_pro": {"rows": 2, "cols": 3, "mask_word": 4, "act_depth": 48, "acc_depth": 48},
    "cambricon_se": {
        "cores": 1,
        "pes": 2,
        "lanes": 2,
        "window": 8,
        "code_row": 8,
        "act_depth": 64,
        "list_depth": 32,
        "regions": 4,
        "acc_depth": 64,
        "bias_depth": 8,
    },
}


@dataclass
class InRtl:
    """Computes the layers of a network on a design; ``lowered``: which of them it lowered."""

    design: str
    folder: Path
    lowered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if why := simulators.missing("icarus"):
            pytest.skip(why)
        self.config = registry.design(self.design).config(**BUILDS[self.design])

    def __call__(self, layer: Layer) -> NDArray[np.int64]:
        """What RTL answers: exact, and every counter that the cycle model predicts."""
        config = registry.design(self.design).holding([layer], self.config)
        engine = Engine(self.design, config, "icarus", out_dir=self.folder)
        program = engine.compile([layer])
        result = engine.run([layer], "net", layer.name, program=program)
        (run,) = result.runs
        assert run.compared and not run.different, run.first_difference
        assert not run.counter_errors
        if lower.how(program):
            self.lowered.append(layer.name)
        return result.outputs[0]


def through(model: onnx.ModelProto, rtl: InRtl, shape: tuple[int, ...]) -> tuple[Passed, Any]:
    """(the network in RTL, what onnxruntime answers) on numbers of a shape."""
    path = rtl.folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    inputs = {"x": np.random.default_rng(4).normal(size=shape).astype(np.float32)}
    wanted = Wanted(Widths.of([rtl.config]))
    return Network.load(path).run(inputs, wanted, rtl), reference(path, inputs)


@pytest.mark.parametrize("design", BUILDS)
def test_a_quantized_depthwise_block_is_that_of_onnxruntime(design: str, tmp_path: Path) -> None:
    """Number by number, on the 8-bit integers of the file."""
    rtl = InRtl(design, tmp_path)
    passed, theirs = through(separable(), rtl, (1, 6, 9, 7))
    names = [one.layer.name for one in passed.steps]
    assert sum(".part" in one for one in names) >= 2, "sums that 16 bits do not hold"
    assert rtl.lowered == names[:1], "of depthwise and stride"
    for (name, mine), scale in zip(passed.outputs.items(), (0.005, 0.2), strict=True):
        assert np.array_equal(np.rint(mine / scale) + 100, theirs[name]), name
        assert np.unique(theirs[name]).size > 20


@pytest.mark.parametrize("design", ["dense", "sparse_on_dense", "sps", "eie"])
def test_a_quantized_layer_is_that_of_onnxruntime_on_8_bits(design: str, tmp_path: Path) -> None:
    """Activations beyond 8 bits, sums in two digits; uneven padding and stride."""
    rtl = InRtl(design, tmp_path)
    config = replace(rtl.config, act_width=8, wgt_width=8)
    case = quantized(np.random.default_rng(3), "uneven")
    job = QuantizedJob("q", ours(case, "uneven"))
    outcome = job.run(Engine(design, config, "icarus", out_dir=tmp_path))
    assert len(outcome.results) == 4, "two digits of two parts"
    for one in outcome.results:
        assert all(run.compared and not run.different for run in one.runs)
    assert np.array_equal(outcome.answers, theirs(case, "uneven"))


@pytest.mark.parametrize("design", ["sparse_on_dense", "sps"])
def test_blocks_of_mobilenet_answer_as_onnxruntime(design: str, tmp_path: Path) -> None:
    """Eight layers: inverted residuals with depthwise layers of both strides, a classifier."""
    rtl = InRtl(design, tmp_path)
    passed, theirs = through(mobilenet((2, 3, 8, 6)), rtl, (2, 3, 8, 6))
    assert len(passed.steps) == 8 and len(rtl.lowered) == 2
    ((name, mine),) = passed.outputs.items()
    assert np.array_equal(mine.argmax(axis=1), theirs[name].argmax(axis=1))
    assert np.abs(mine - theirs[name]).max() < 1e-3 * np.abs(theirs[name]).max()


@pytest.mark.parametrize("design", ["dense", *(["scnn"] if NIGHTLY else [])])
def test_blocks_of_a_resnet_answer_as_onnxruntime(design: str, tmp_path: Path) -> None:
    """Two basic blocks with residual sums, one of them with a stride and a projection."""
    rtl = InRtl(design, tmp_path)
    model = residual(deep=False, stored=False, size=6)
    passed, theirs = through(model, rtl, (1, 8, 6, 6))
    assert len(passed.steps) == 6 and not rtl.lowered
    ((name, mine),) = passed.outputs.items()
    assert np.abs(mine - theirs[name]).max() < 1e-3 * np.abs(theirs[name]).max()


@pytest.mark.skipif(not NIGHTLY, reason="LAC_MUTANTS=all")
@pytest.mark.parametrize("design", ["dense", "sparse_on_dense", "scnn", "sps"])
def test_a_trained_mobilenet_is_exact_in_rtl(
    design: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every layer of it at full size, and what it says is what onnxruntime says."""
    try:
        GRAPHS["mobilenet_v3"].path()
        PHOTOGRAPHS.fetch()
    except PackageMissing as error:
        pytest.skip(str(error))
    asked = ["--net", "mobilenet_v3", "--design", design, "--out", str(tmp_path)]
    assert cli.main(asked) == cli.OK
    records = load_results(tmp_path / "results.json")["runs"]
    assert len(records) == 54 and all(one["bit_exact"] for one in records)
    assert sum(one["compared"] for one in records) == 606_964
    assert "top-1 as onnxruntime on 1 of 1" in " ".join(capsys.readouterr().out.split())
