"""All jobs of one kind, with a progress bar, their results in the order of the jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from scripts import interrupt, kept
from scripts.console import Console
from scripts.farm.bar import Bar
from scripts.farm.farm import Farm

T = TypeVar("T")


@dataclass(frozen=True)
class Keep:
    """Results of models are kept as they come, as JSON under ``kind``; ``resume``: and used."""

    kind: str
    resume: bool

    def load(self, job: tuple[Any, ...]) -> Any:
        """What is kept of a job, None for nothing."""
        return kept.load(self.kind, self._key(job)) if self.resume else None

    def save(self, job: tuple[Any, ...], result: Any) -> None:
        """Keep the result of a job."""
        kept.save(self.kind, self._key(job), result)

    def _key(self, job: tuple[Any, ...]) -> str:
        return kept.key_of_models(self.kind, job)


def in_order(
    farm: Farm,
    function: Callable[..., T],
    jobs: Sequence[tuple[Any, ...]],
    console: Console,
    title: str,
    keep: Keep | None = None,
    failed: Callable[[tuple[Any, ...], str], T] | None = None,
) -> list[T]:
    """``function(*job)`` of every job.

    Args:
        keep: what results are kept as, for ``RESUME=1``; their jobs have a ``repr`` that says all.
        failed: of a job that was lost or met a limit, and why: what counts instead.

    Raises:
        Exception: what the function raises, the first time that it does.
        JobError: a job was lost, or met a limit, and there is no ``failed``.
    """
    before = {at: keep.load(job) for at, job in enumerate(jobs)} if keep else {}
    found: dict[int, T] = {at: result for at, result in before.items() if result is not None}
    if found:
        console.print(f"{len(found)} of {len(jobs)} were done before")

    todo = [(function, at, job) for at, job in enumerate(jobs) if at not in found]
    with Bar(console, len(title)) as bar:
        task = bar.add_task(title, total=len(jobs), completed=len(found))
        for one in farm.each(_call, todo, name=lambda _, at, __: f"{title} {at + 1}"):
            _, at, job = one.job
            if one.problem and failed:
                found[at] = failed(job, one.problem)
            else:
                found[at] = one.result
                if keep:
                    keep.save(job, one.result)
            bar.advance(task)
            rest = "RESUME=1 does the rest" if keep else "none kept"
            interrupt.note(f"{len(found)} of {len(jobs)} are done; {rest}")
    return [found[at] for at in range(len(jobs))]


def _call(function: Callable[..., T], at: int, job: tuple[Any, ...]) -> T:
    return function(*job)
