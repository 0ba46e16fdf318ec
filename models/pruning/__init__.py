"""Magnitude pruning: which weights stay, at a density and a granularity.

A granularity is one function ``fine(magnitude, keep) -> mask`` under ``@granularity("fine")``:
``magnitude`` float64 >= 0 of any shape [K, C, R, S] or [K, C], ``keep`` weights that may stay;
it answers a bool mask of the same shape. Add one in a module of this package and import it here.

    fine       single weights                       nm         at most n of m neighbours
    vector     rows of kernels, 1 x S               periodic   kernel i keeps pattern i mod period
    kernel     kernels, R x S                       block      blocks of any shape, by their
    filter     filters, C x R x S                              average or maximum magnitude

``gathering.py`` measures how far the largest weights of a layer lie together in blocks.
"""

from models.pruning.block import block
from models.pruning.core import GRANULARITIES, granularity, largest, mask, prune, prune_outputs
from models.pruning.fine import fine
from models.pruning.grains import filter_, kernel, vector
from models.pruning.structured import nm, periodic

__all__ = [
    "GRANULARITIES",
    "block",
    "filter_",
    "fine",
    "granularity",
    "kernel",
    "largest",
    "mask",
    "nm",
    "periodic",
    "prune",
    "prune_outputs",
    "vector",
]
