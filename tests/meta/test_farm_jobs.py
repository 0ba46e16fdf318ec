"""Jobs of a scheduler that never bring a worker: asked for again, or the end, never a long wait."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from scripts.farm.settings import SCHEDULERS, FarmError
from scripts.farm.slot import Answer, How

pytest.importorskip("dask_jobqueue", reason="Dask is not installed")
from distributed.client import FutureCancelledError
from distributed.core import Status
from distributed.scheduler import KilledWorker

from scripts.farm import cluster, jobs
from scripts.farm.cluster import Dask


class Asked(jobs.Jobs):
    """Jobs of a scheduler whose list is ``listed``; every look is a look at it."""

    def __init__(self, *numbers: str, refused: str = "", word: str = "slurm") -> None:
        made = {at: SimpleNamespace(job_id=number, refused="") for at, number in enumerate(numbers)}
        if refused:
            made[len(made)] = SimpleNamespace(job_id=None, refused=refused)
        super().__init__(SimpleNamespace(workers=made, worker_spec=dict(made)), word)
        self.made = made
        self.listed: set[str] | None = set(numbers)

    def _list(self) -> set[str] | None:
        return self.listed

    def look(self, *names: int) -> str:
        self._looked = -jobs.LOOK
        return self.missed(set(names))


def test_a_job_that_is_cancelled_while_it_waits_is_asked_for_again():
    asked = Asked("7", "8")
    assert asked.look() == "" and asked.look(0) == ""
    asked.listed = {"7"}
    assert asked.look(0) == "slurm: 1 of 2 jobs are gone (8): asked for again"
    assert list(asked.made) == [0], "Dask opens what is not there"
    assert asked.look(0) == ""


def test_a_job_whose_worker_had_come_is_left_to_dask():
    asked = Asked("7", "8")
    assert asked.look(0, 1) == ""
    asked.listed = {"7"}
    assert asked.look(0) == "" and list(asked.made) == [0, 1]


@pytest.mark.parametrize("listed", [None, set(), {"70", "80"}])
def test_a_list_that_cannot_be_read_is_not_believed(listed):
    asked = Asked("7", "8", word="lsf")
    asked.listed = listed
    assert asked.look() == "" and list(asked.made) == [0, 1]


def test_jobs_that_end_before_the_first_look_are_gone():
    asked = Asked("7", "8")
    asked.listed = set()
    assert asked.look() == "slurm: 2 of 2 jobs are gone (7, 8): asked for again"


def test_a_scheduler_is_not_asked_all_the_time():
    asked = Asked("7", "8")
    asked.look()
    asked.listed = {"7"}
    assert asked.missed(()) == "" and asked.look() != ""


def test_a_scheduler_that_takes_no_job_ends_the_call():
    with pytest.raises(FarmError, match="^farm: slurm takes no job: no such partition$"):
        Asked(refused="no such partition").look()


def test_a_job_that_is_not_taken_beside_others_is_asked_for_again():
    asked = Asked("7", refused="over a limit")
    said = "slurm: 1 of 2 jobs are not taken (over a limit): asked for again"
    assert asked.look() == said and list(asked.made) == [0]


def test_jobs_that_end_at_once_every_time_end_the_call():
    asked = Asked("7")
    asked.look()
    asked.listed = set()
    for number in ("8", "9"):
        assert "asked for again" in asked.look()
        asked.made[0] = SimpleNamespace(job_id=number, refused="")
    with pytest.raises(FarmError, match=r"slurm: 3 jobs ended before a worker began; logs: .*farm"):
        asked.look()


def test_why_a_job_was_refused_is_kept_and_not_printed():
    class Refused:
        job_id, cancel_command = None, "scancel"

        async def start(self) -> None:
            raise RuntimeError("Exit code: 1\nstdout:\n\nstderr:\nsbatch: error: no such\n queue\n")

    one = jobs.keeping(Refused)()
    asyncio.run(one.start())
    assert one.refused == "sbatch: error: no such queue" and one.status == Status.running
    assert jobs.reason(OSError("no program")) == "no program"


#: As qstat prints them: a head of words, then numbers, alone or with the server's name.
SGE = "job-ID  prior   name    user  state\n-------\n     71 0.5 lacuna me qw\n      8 0.5 x me r\n"
PBS = "\nhead:\n\nJob ID   Username\n------ ----\n71.head  me night\n8.head me night\n"


@pytest.mark.parametrize("word", [*SCHEDULERS])
def test_every_list_begins_its_lines_with_the_number(word):
    assert set(jobs.LISTS) == set(SCHEDULERS) and "{user}" in jobs.LISTS[word]
    assert jobs.numbers({"sge": SGE, "pbs": PBS}.get(word, "71\n8\n")) == {"71", "8"}


class FakeClient:
    """What hands out a job of Dask's; the answer is there at once, or is an error."""

    status = "running"

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.loop = self
        self.cancelled = 0

    def submit(self, *_: object, **__: object) -> FakeClient:
        return self

    def cancel(self) -> None:
        self.cancelled += 1

    def add_callback(self, function, *arguments: object) -> None:
        self.todo = lambda: asyncio.run(function(*arguments))

    async def gather(self, *_: object, asynchronous: bool) -> object:
        assert asynchronous
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    "answer", [Answer(7), KilledWorker("key", None, 0), FutureCancelledError("", "")]
)
def test_an_answer_is_delivered_and_so_is_the_loss_of_its_worker(answer):
    client = FakeClient(answer)
    future = Dask(client, None, "dask", 1, 1).submit(print, (), How())
    client.todo()
    assert (future.exception() or future.result()) is answer


def test_a_job_that_nobody_waits_for_is_cancelled():
    client = FakeClient(Answer(7))
    future = Dask(client, None, "dask", 1, 1).submit(print, (), How())
    assert future.cancel() and client.cancelled == 1
    client.todo()
    assert future.cancelled()


def test_a_scheduler_that_is_gone_ends_the_call():
    """One line; each job would be lost as often as it may, and then a missing key the end."""
    client = FakeClient(Answer(7))
    place = Dask(client, None, "tcp://head:8786", 1, 1)
    client.status = "connecting"
    for ask in (place.tend, lambda: place.submit(print, (), How())):
        with pytest.raises(FarmError, match=r"^farm: tcp://head:8786: its scheduler is gone$"):
            ask()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ModuleNotFoundError(\"No module named 'scripts'\")", "start it in the checkout"),
        ("OSError('gone')", "gone"),
    ],
)
def test_a_worker_that_is_somewhere_else_is_told_where_it_belongs(text, said):
    class Refuses:
        def register_plugin(self, _: object) -> None:
            raise Exception(text)

    with pytest.raises(Exception, match=said):
        cluster._equip(Refuses(), cluster.Ends(whole=False))
