"""What options of a run leave out is left out of what it is compared with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import registry
from models.layer import Layer
from scripts.measure.engine import Engine
from tests.meta import toy_design


def test_the_engine_compares_with_what_is_computed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The toy answers for the layer as it is, so that leaving anything out is noticed."""
    layer = Layer(np.array([[1, 2], [3, 4]]), np.array([[5, 6]]), name="tiny")
    config = toy_design.ToyConfig()

    def different(left_out: int) -> int:
        def computed(layer: Layer, config: toy_design.ToyConfig) -> Layer:
            weights = np.where(np.abs(layer.weights) > left_out, layer.weights, 0)
            return replace(layer, weights=weights)

        design = replace(toy_design.DESIGN, computed=computed)
        monkeypatch.setattr(registry, "design", lambda name: design)
        engine = Engine("toy", config, out_dir=tmp_path, player=toy_design.player())
        (run,) = engine.run([layer], "toy", "run").runs
        return run.different

    assert different(0) == 0
    assert different(2) == 1
    assert different(3) == 2
