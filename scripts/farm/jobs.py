"""Jobs of a scheduler: which it refuses, and which are gone before a worker began.

Dask asks again for a job whose worker had come. It never hears of one that was refused, or that was
cancelled while it waited, and would miss it for the rest of the run.
"""

from __future__ import annotations

import getpass
import re
import shlex
import subprocess
import time
from collections.abc import Collection
from typing import Any

from distributed.core import Status

from models.places import build_root
from scripts import interrupt
from scripts.farm.settings import FarmError

#: scheduler -> command that lists the jobs of a user that wait or run; lines begin with the number
LISTS = {
    "slurm": "squeue -h -o %A -u {user}",
    "lsf": "bjobs -noheader -o jobid -u {user}",
    "sge": "qstat -u {user}",
    "pbs": "qstat -u {user}",
    "htcondor": 'condor_q -af ClusterId -constraint Owner=="{user}"',
}
#: Those whose lists were seen to be read right; that of another one is believed once a job of ours
#: was in it.
READ = ("slurm", "sge")
LOOK = 5.0  # seconds between two looks at the list
ENOUGH = 3  # times as many jobs as asked for, that end without a worker, are no accident
_ANSWER = 20.0  # seconds that a scheduler has


def reason(error: BaseException) -> str:
    """What a scheduler said, in one line."""
    text = str(error)
    said = text.rpartition("stderr:")[2].strip() or text
    return " ".join(said.split())[:300]


class Left:
    """What an interrupt has to take back, which ends this process before it can: jobs that were
    taken, from that moment on.
    """

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)

    def add(self, number: object) -> None:
        """One more job."""
        self._words.append(str(number))
        interrupt.leave(self._words)


def keeping(job: type[Any]) -> type[Any]:
    """A class of jobs that are known to an interrupt, and that keep why they were refused: Dask
    would print it, and go on.
    """
    left = Left(job.cancel_command)

    class Kept(job):  # type: ignore[misc]  # a class of Dask's
        refused = ""

        async def start(self) -> None:
            try:
                await super().start()
                left.add(self.job_id)
            except (RuntimeError, ValueError, OSError) as error:
                self.refused = reason(error)
                self.status = Status.running

        async def close(self) -> None:
            await super().close()
            self.status = Status.closed  # which a cluster that closes asks of each

    return Kept


def numbers(text: str) -> set[str]:
    """The jobs of a list."""
    return set(re.findall(r"^\s*(\d+)", text, re.MULTILINE))


class Jobs:
    """The jobs that ``cluster`` has asked the scheduler ``word`` for."""

    def __init__(self, cluster: Any, word: str) -> None:
        self._cluster, self._word = cluster, word
        self._looked = -LOOK
        self._taken, self._listed = False, word in READ
        self._came: set[str] = set()  # jobs whose worker was there: Dask looks after them
        self._gone = 0

    def missed(self, names: Collection[object]) -> str:
        """Forget those that will not come, so that they are asked for again; what is to say of it.

        Args:
            names: of the workers that are there.

        Raises:
            FarmError: none is taken, or all end before a worker begins.
        """
        jobs = dict(self._cluster.workers)
        refused = [one.refused for one in jobs.values() if one.refused]
        owned = {name: number[0] for name, one in jobs.items()
                 if (number := re.match(r"\d+", str(one.job_id or "")))}  # fmt: skip
        self._taken = self._taken or bool(owned)
        self._came |= {number for name, number in owned.items() if name in names}
        if refused and not self._taken:
            raise FarmError(f"farm: {self._word} takes no job: {refused[0]}")
        now = time.monotonic()
        if not (owned or refused) or now - self._looked < LOOK:
            return ""
        self._looked = now
        gone = self._ended(owned)
        for name in [*gone, *(name for name, one in jobs.items() if one.refused)]:
            self._cluster.workers.pop(name, None)
        said = []
        if gone:
            said.append(f"{len(gone)} of {len(jobs)} jobs are gone ({', '.join(gone.values())})")
        if refused:
            said.append(f"{len(refused)} of {len(jobs)} jobs are not taken ({refused[0]})")
        return f"{self._word}: {'; '.join(said)}: asked for again" if said else ""

    def _ended(self, owned: dict[object, str]) -> dict[object, str]:
        """Those that are not in the scheduler's list, and never had a worker."""
        if not owned or (listed := self._list()) is None:
            return {}
        self._listed = self._listed or bool(listed & set(owned.values()))
        gone = {name: number for name, number in owned.items()
                if self._listed and number not in listed | self._came}  # fmt: skip
        self._gone += len(gone)
        if not self._came and self._gone >= ENOUGH * len(self._cluster.worker_spec):
            raise FarmError(
                f"farm: {self._word}: {self._gone} jobs ended before a worker began;"
                f" logs: {build_root() / 'farm'}"
            )
        return gone

    def _list(self) -> set[str] | None:
        """The scheduler's list; None if it does not answer."""
        words = LISTS[self._word].format(user=getpass.getuser()).split()
        try:
            found = subprocess.run(
                words, capture_output=True, text=True, check=True, timeout=_ANSWER
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return numbers(found.stdout)
