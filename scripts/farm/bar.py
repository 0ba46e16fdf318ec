"""The progress of jobs: how many, how fast, how long yet."""

from __future__ import annotations

import time
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scripts.console import Console

_QUIET = 60.0  # seconds between two lines where there is no terminal for a bar
_MEMORY = 300.0  # seconds over which the rate is taken


def rate(task: Task) -> str:
    """Jobs in a second, a minute or an hour; "" as long as none is known."""
    speed = task.finished_speed or task.speed
    if not speed:
        return ""
    for unit, seconds in (("s", 1), ("min", 60)):
        if speed * seconds >= 1:
            return f"{speed * seconds:.1f}/{unit}"
    return f"{speed * 3600:.1f}/h"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(rate(task), style="progress.data.speed")


class Bar(Progress):
    """A bar for each step; into a file, a line every minute."""

    def __init__(self, console: Console, width: int = 10, **how: Any) -> None:
        columns = (
            TextColumn(f"{{task.description:{width}.{max(width, 32)}}}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        super().__init__(*columns, console=console, speed_estimate_period=_MEMORY, **how)
        self._said = time.monotonic()

    def advance(self, task_id: Any, advance: float = 1) -> None:
        """One job more has ended."""
        super().advance(task_id, advance)
        now = time.monotonic()
        if self.console.is_terminal or now - self._said < _QUIET:
            return
        self._said = now
        (task,) = (one for one in self.tasks if one.id == task_id)
        left = task.time_remaining
        words = [f"{task.description}: {task.completed:,.0f} of {task.total or 0:,.0f}", rate(task)]
        words += [f"{left / 60:,.0f} min left"] if left is not None else []
        self.console.print(", ".join(one for one in words if one))
