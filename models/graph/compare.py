"""The integer network beside onnxruntime on the same inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.npz import shown


@dataclass(frozen=True)
class Agreement:
    """One output: how many of ``count`` samples have their largest value at the same place, and
    the largest difference over the largest magnitude.
    """

    output: str
    same: int
    count: int
    difference: float

    def __str__(self) -> str:
        """A line for the report.

        >>> print(Agreement("prob", 4, 4, 0.00012))
        output prob: top-1 as onnxruntime on 4 of 4 samples, largest difference 0.012 % of the peak
        """
        return (
            f"output {shown(self.output)}: top-1 as onnxruntime on {self.same} of {self.count} "
            f"samples, largest difference {100 * self.difference:.2g} % of the peak"
        )


def reference(
    path: Path, inputs: Mapping[str, NDArray[Any]], literal: bool = False
) -> dict[str, NDArray[Any]]:
    """Outputs by name of onnxruntime. Raises whatever it does where it cannot.

    ``literal``: operator by operator as the file has them; else it may fuse some, such as a sum
    between quantized tensors, which then rounds otherwise.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    if literal:
        level = onnxruntime.GraphOptimizationLevel
        settings.graph_optimization_level = level.ORT_DISABLE_ALL
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, dict(inputs)), strict=True))


def agreement(
    found: Mapping[str, NDArray[Any]], wanted: Mapping[str, NDArray[Any]]
) -> list[Agreement]:
    """Every output that both have, samples along all axes but the last.

    Raises ValueError where shapes differ.
    """
    made = []
    for name, want in wanted.items():
        if name not in found or not isinstance(want, np.ndarray) or want.dtype.kind not in "fiu":
            continue
        got = found[name]
        if got.shape != want.shape:
            raise ValueError(f"output {shown(name)}: found {got.shape}, onnxruntime {want.shape}")
        rows = want.reshape(-1, want.shape[-1] if want.ndim else 1)
        same = int((got.reshape(rows.shape).argmax(1) == rows.argmax(1)).sum())
        peak = float(np.abs(want).max(initial=0)) or 1.0
        difference = float(np.abs(got.astype(np.float64) - want).max(initial=0)) / peak
        made.append(Agreement(name, same, len(rows), difference))
    return made
