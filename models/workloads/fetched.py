"""Trained networks as ONNX files inside of packages, each with an input: ``NET=mobilenet_v3``.

Fetched on request as in ``models.workloads.packages``, never installed and no part of the project.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.workloads import packages
from models.workloads.packages import PHOTOGRAPHS, TEXT_DIRECTION, Package

#: Where the heading is in the photograph of a page: left, top, right, bottom.
_LINE = (0, 4, 272, 40)


@dataclass(frozen=True)
class FetchedGraph:
    """A network: its package, its file there, its input by name (float32), what both are."""

    package: Package
    file: str
    inputs: Callable[[], dict[str, NDArray[Any]]]
    note: str

    def path(self, folder: Path | None = None) -> Path:
        """The file, taken out of its package. Raises PackageMissing."""
        folder = packages.FOLDER if folder is None else folder
        path = folder / self.file
        data = self.package.read(self.file, folder)
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
        return path


def text_line() -> NDArray[np.float32]:
    """A line of text, upside down: float32 [1, 3, 48, 192], -1 (black) to 1."""
    from PIL import Image

    page = Image.open(io.BytesIO(PHOTOGRAPHS.read("skimage/data/page.png")))
    line = page.crop(_LINE).resize((192, 48)).convert("RGB")
    seen = np.asarray(line, np.float32).transpose(2, 0, 1) / 127.5 - 1
    return seen[None, :, ::-1, ::-1].astype(np.float32)


GRAPHS: dict[str, FetchedGraph] = {
    "mobilenet_v3": FetchedGraph(
        TEXT_DIRECTION,
        "ch_ppocr_mobile_v2.0_cls_infer.onnx",
        lambda: {"x": text_line()},
        "MobileNetV3 that tells upright text from text upside down, all of its weights, on a line "
        "of text upside down (page.png)",
    )
}
