"""What blocks must answer to the inputs of a saved case, without a simulator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.case import Case
from models.fixed import requant, saturate


def requantized(case: Case) -> dict[str, NDArray]:
    """lac_requant: ``acc``, ``shift``, ``relu`` to ``out`` and ``sat``."""
    width = case.meta["parameters"].get("OutWidth", 16)
    acc = case.arrays["inputs/acc"].astype(np.int64)
    shift, relu = int(case.arrays["inputs/shift"][0]), bool(case.arrays["inputs/relu"][0])
    rounded = requant(acc, shift, width=62)
    out = requant(acc, shift, width=width, relu=relu)
    return {"out": out, "sat": (rounded != saturate(rounded, width)).astype(np.int64)}
