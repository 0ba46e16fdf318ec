"""What decoders and encoders must answer to the inputs of a saved case, without a simulator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.case import Case, as_array, from_text
from tb.formats.fmt_env import to_bytes, to_ints
from tb.formats.kinds import ENCODERS, PREFIX, kind_of, model_of


def decoded(case: Case) -> dict[str, NDArray]:
    """The tile of ``inputs/words``: non-zeros (row, column, value, eol) and (code, position)."""
    p = case.meta["parameters"]
    model = model_of(kind_of(case.meta["top"]), p)
    words = [from_text(word) for word in case.arrays["inputs/words"].tolist()]
    tile = model.read(to_bytes(words, p["WordWidth"]), (p["TileRows"], p["TileCols"]))
    columns = (tile.rows, tile.cols, tile.values, tile.eol)
    items = [tuple(map(int, item)) for item in zip(*columns, strict=True)]
    error = [] if tile.error is None else [int(part) for part in tile.error[:2]]
    return {"items": as_array(items), "error": as_array(error)}


def encoded(case: Case) -> dict[str, NDArray]:
    """The tiles of ``inputs/tiles`` as (word, last)."""
    p, top = case.meta["parameters"], case.meta["top"]
    model = model_of(ENCODERS[top.removeprefix(PREFIX).removesuffix("_enc")], p)
    words = []
    for tile in case.arrays["inputs/tiles"]:
        matrix = np.asarray(tile, dtype=np.int64).reshape(p["TileRows"], p["TileCols"])
        packed = to_ints(model.words(model.encode(matrix), p["WordWidth"]))
        words += [(word, int(i == len(packed) - 1)) for i, word in enumerate(packed)]
    return {"words": as_array(words)}
