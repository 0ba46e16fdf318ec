"""What the configuration classes of all designs have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from models.names import camel


def check_ranges(config: Any, ranges: Mapping[str, tuple[int, int]]) -> None:
    """Raise ValueError when a field is no integer or not in its (lowest, highest)."""
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"{name}: found {value!r}, allowed {low}..{high}")


def need(config: Any, good: bool, name: str, allowed: str) -> None:
    """Raise ValueError about field ``name`` unless ``good``."""
    if not good:
        raise ValueError(f"{name}: found {getattr(config, name)!r}, allowed {allowed}")


def rtl_parameters(config: Any, options: Collection[str] = ()) -> dict[str, int]:
    """RTL parameters by name: fields in UpperCamel, without the ``options`` of a run.

    >>> from dataclasses import make_dataclass
    >>> rtl_parameters(make_dataclass("Toy", ["act_width", "fast"])(8, True), {"fast"})
    {'ActWidth': 8}
    """
    return {
        camel(field.name): getattr(config, field.name)
        for field in fields(config)
        if field.name not in options
    }
