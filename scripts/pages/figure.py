"""Figures of every page, as SVG or PNG inside it. The same data give the same bytes."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from models import registry

INK, MUTED, GRID = "#1f2933", "#616e7c", "#e4e7eb"
GOOD, BAD, ACCENT = "#2a7f62", "#c0392b", "#2f6db5"
_USELESS_ID = re.compile(
    r' id="(?:figure|axes|patch|text|line2d|xtick|ytick|legend|matplotlib\.axis)_\d+"'
)
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
}


matplotlib.rcParams.update(STYLE)


def subplots(
    width: float, height: float, rows: int = 1, cols: int = 1, **kwargs: Any
) -> tuple[Figure, Any]:
    """A figure of so many inches, and its axes [rows, cols].

    pyplot does not know it, so that it goes when nobody holds it any more: nothing to close.
    """
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, cols, squeeze=False, **kwargs)


def svg(figure: Figure, name: str) -> str:
    """The figure as an ``<svg>`` element; ``name`` keeps the ids of two pictures apart."""
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    # Names like "axes_1" repeat in every picture; nothing refers to them.
    text = re.sub(
        r' id="(?:figure|axes|patch|text|line2d|xtick|ytick|matplotlib\.axis)_\d+"', "", text
    )
    label = name.replace("_", " ")
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def png(figure: Figure, name: str) -> str:
    """The figure as an ``<img>`` element with the picture inside."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=150, metadata={"Software": None})
    data = base64.b64encode(out.getvalue()).decode()
    return f'<img alt="{name.replace("_", " ")}" src="data:image/png;base64,{data}">'


def design_colour(name: str) -> str:
    """The same colour for a design in every picture; grey for one that is no more."""
    return registry.design(name).colour if name in registry.DESIGNS else MUTED


def ink_on(colour: str) -> str:
    """What to write with on a colour.

    >>> ink_on("#2f6db5"), ink_on("#9fb3c8") == INK
    ('white', True)
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 150 else INK
