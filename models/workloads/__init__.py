"""Layers to run: the paper's tables and the user's own files."""

from __future__ import annotations

from collections.abc import Callable

from models.layer import Layer
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

#: family -> (names, maker(name, seed))
_FAMILIES: dict[str, tuple[tuple[str, ...], Callable[[str, int], Layer]]] = {
    "eie": (tuple(EIE_LAYERS), eie_layer),
}


def workloads() -> list[str]:
    """All names ``workload`` knows."""
    return [f"{family}/{name}" for family, (names, _) in _FAMILIES.items() for name in names]


def workload(name: str, seed: int = 1) -> Layer:
    """The layer of a name such as ``eie/alex-7``; ValueError with the known names otherwise.

    >>> workload("eie/nt-we").weights.shape
    (600, 4096, 1, 1)
    """
    family, _, member = name.lower().partition("/")
    if family not in _FAMILIES or member not in _FAMILIES[family][0]:
        raise ValueError(f"workload: found '{name}', known: {', '.join(workloads())}")
    return _FAMILIES[family][1](member, seed)
