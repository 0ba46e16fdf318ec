"""Figures in words and the frame of a table, for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.console import Table


def number(value: float) -> str:
    """1234567 as '1,234,567'."""
    return f"{value:,.0f}"


def percent(value: float, digits: int = 1) -> str:
    """0.125 as '12.5 %'."""
    return f"{100 * value:.{digits}f} %"


def verdict(exact: bool) -> str:
    """Marked-up word for a table."""
    return "[green]exact[/green]" if exact else "[bold red]DIFFERS[/bold red]"


def shape_text(shape: Sequence[int]) -> str:
    """[300, 784, 1, 1] as '784 -> 300'; a convolution as '20 -> 50, 5x5'."""
    outputs, inputs, rows, cols = shape
    text = f"{inputs} -> {outputs}"
    return text if (rows, cols) == (1, 1) else f"{text}, {rows}x{cols}"


def table(title: str, caption: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, caption=caption, caption_justify="left", title_justify="left")
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right")
    return table


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is kept.

    >>> markdown(("a", "b"), [("1", "x|y")]).splitlines()
    ['| a | b |', '|---|---|', '| 1 | x\\\\|y |']
    """
    lines = [
        "| " + " | ".join(one.replace("|", "\\|") for one in row) + " |" for row in (head, *rows)
    ]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
