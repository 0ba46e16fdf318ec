"""The terminal as every script uses it: nothing is cut, a number or a command least of all.

``Console().print`` takes the tables and texts of rich. A text is never broken into lines by us, so
that a command can be copied. A table that is too wide for the terminal is printed in several
parts, its first columns again in each; where even that is too wide, as a list. Into a file or a
pipe the width is without limit; ``COLUMNS`` sets it everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from copy import copy
from typing import IO, Any

import rich.console
from rich.table import Table
from rich.text import Text

__all__ = ["Console", "Table"]

#: Columns of what is no terminal.
WIDE = 10_000
_LEAST = 12  # columns that running text may be wrapped to


class Console(rich.console.Console):
    """Standard output (or error), or ``file``, ``width`` columns wide if given."""

    def __init__(
        self, *, stderr: bool = False, file: IO[str] | None = None, width: int | None = None
    ) -> None:
        super().__init__(stderr=stderr, file=file, width=width, highlight=False)
        asked = os.environ.get("COLUMNS", "")
        if width is None and not self.file.isatty() and not asked.isdecimal():
            self.width = WIDE

    def print(self, *objects: Any, **how: Any) -> None:
        """As rich's; texts are not wrapped, tables fit whatever the width."""
        if len(objects) == 1 and isinstance(objects[0], Table):
            parts = list(fitted(self, objects[0]))
            for part in parts[:-1]:
                super().print(part, soft_wrap=isinstance(part, str))
            objects = (parts[-1],)
        if all(isinstance(one, str | Text) for one in objects):
            how.setdefault("soft_wrap", True)
        super().print(*objects, **how)


def fitted(console: Console, table: Table) -> Iterator[Table | str]:
    """A table as tables that fit the width, or as a list if they cannot."""
    widths = [_widths(console, table, at) for at in range(len(table.columns))]
    if sum(most for _, most in widths) <= _room(console, len(widths)):
        yield _part(table, range(len(widths)), [most for _, most in widths], True, True)
        return
    if (found := _shared(widths, _room(console, len(widths)))) is not None:
        yield _part(table, range(len(widths)), found, True, True)
        return
    keys = _keys(table)
    parts: list[tuple[Sequence[int], Sequence[int]]] = []
    left = list(range(keys, len(widths)))
    while left:
        here = list(range(keys))
        while left and _shared(
            [widths[at] for at in (*here, left[0])], _room(console, len(here) + 1)
        ):
            here.append(left.pop(0))
        if len(here) == keys:
            yield _listed(table, keys)
            return
        parts.append((here, _shared([widths[at] for at in here], _room(console, len(here))) or []))
    if not parts:
        yield _listed(table, keys)
    for some, shared in parts:
        yield _part(table, some, shared, some is parts[0][0], some is parts[-1][0])


def _room(console: Console, columns: int) -> int:
    """Characters left for text: each column has a border and two blanks."""
    return console.width - 3 * columns - 1


def _widths(console: Console, table: Table, at: int) -> tuple[int, int]:
    """Least and full width of a column: text may wrap between words, figures may not."""
    column = table.columns[at]
    cells = [_text(one) for one in column._cells]
    head = _text(column.header)
    lines = [line for one in (*cells, head) for line in one.plain.split("\n")]
    full = max((console.measure(line).maximum if line else 0 for line in lines), default=0)
    words = max((len(word) for line in lines for word in line.split()), default=0)
    if column.no_wrap or column.justify == "right":
        heads = max((len(word) for word in head.plain.split()), default=0)
        body = max((len(line) for one in cells for line in one.plain.split("\n")), default=0)
        return max(heads, body), full
    return min(full, max(words, _LEAST)), full


def _text(cell: object) -> Text:
    """A cell or heading as text."""
    return cell if isinstance(cell, Text) else Text.from_markup(str(cell))


def _shared(widths: Sequence[tuple[int, int]], room: int) -> list[int] | None:
    """Widths of columns that fill the room; None if the least are too much.

    >>> _shared([(3, 3), (5, 40)], 20), _shared([(3, 3), (5, 40)], 7)
    ([3, 17], None)
    """
    found = [least for least, _ in widths]
    left = room - sum(found)
    if left < 0:
        return None
    for at in sorted(range(len(widths)), key=lambda at: widths[at][1] - widths[at][0]):
        more = min(left, widths[at][1] - found[at])
        found[at] += more
        left -= more
    return found


def _keys(table: Table) -> int:
    """How many first columns say what a row is: those before the first figures, at least one."""
    for at, column in enumerate(table.columns):
        if column.justify == "right":
            return max(at, 1)
    return 1


def _part(
    table: Table, here: Sequence[int], widths: Sequence[int], first: bool, last: bool
) -> Table:
    """Some columns of a table; the title is on the first part, the caption on the last."""
    made = copy(table)
    made.title = table.title if first else None
    made.caption = table.caption if last else None
    made.columns = []
    for place, (at, width) in enumerate(zip(here, widths, strict=True)):
        column = copy(table.columns[at])
        column._index = place
        column.no_wrap = False  # its cells fit; a head of several words may wrap
        column.width, column.min_width, column.max_width = width, None, None
        made.columns.append(column)
    return made


def _listed(table: Table, keys: int) -> str:
    """The table as text: rows by their first columns, then a line for each figure."""
    lines = [f"[bold]{table.title}[/]"] if table.title else []
    columns = [list(column._cells) for column in table.columns]
    heads = [str(column.header) for column in table.columns]
    for row in zip(*columns, strict=True):
        lines.append("  ".join(str(one) for one in row[:keys] if str(one)))
        lines += [f"    {head}: {one}" for head, one in list(zip(heads, row, strict=True))[keys:]]
    lines += [str(table.caption)] if table.caption else []
    return "\n".join(lines)
