"""Layers to run: the paper's tables and the user's own files."""

from __future__ import annotations

from models import registry
from models.layer import Layer
from models.workloads import bert
from models.workloads.eie import EIE_LAYERS, EieBenchmark, eie_layer
from models.workloads.own import Own, load_npz, load_own, load_weights
from models.workloads.scales import Widths

__all__ = [
    "EIE_LAYERS",
    "EieBenchmark",
    "Own",
    "Widths",
    "eie_layer",
    "load_npz",
    "load_own",
    "load_weights",
    "workload",
    "workloads",
]


#: Family of the layers of ``models/workloads/bert.py``.
BERT = "bert"


def workloads() -> list[str]:
    """All names ``workload`` knows."""
    suites = [
        f"{one.name}/{name}" for one in registry.every() if one.suite for name in one.suite.layers
    ]
    return [*suites, *(f"{BERT}/{name}" for name in bert.LAYERS)]


def workload(name: str, seed: int = 1) -> Layer:
    """The layer of a name such as ``eie/alex-7``; ValueError with the known names otherwise.

    >>> workload("eie/nt-we").weights.shape
    (600, 4096, 1, 1)
    """
    family, _, member = name.lower().partition("/")
    if family == BERT and member in bert.LAYERS:
        return bert.bert_layer(member, seed)
    suite = registry.design(family).suite if family in registry.DESIGNS else None
    if suite is None or member not in suite.layers:
        raise ValueError(f"workload: found '{name}', known: {', '.join(workloads())}")
    return suite.make(member, seed)
