"""Magnitude pruning: which weights stay, at a density and a granularity.

A granularity is one function ``fine(magnitude, keep) -> mask`` under ``@granularity("fine")``:
``magnitude`` float64 >= 0 of any shape [K, C, R, S] or [K, C], ``keep`` weights that may stay;
it answers a bool mask of the same shape. Add one in a module of this package and import it here.
"""

from models.pruning.core import GRANULARITIES, granularity, largest, mask, prune
from models.pruning.fine import fine

__all__ = ["GRANULARITIES", "fine", "granularity", "largest", "mask", "prune"]
