"""Dask's part of a farm: clusters of every kind, and what runs in their workers.

A worker is one Dask process without a nanny; each of its threads has a slot, whose process does the
job. A scheduler's job that ends before we do (killed, out of its time, its node gone) is asked for
again, also one that never began (``Jobs``). No task is tried again by Dask: ``Farm.each`` does
that, and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import sys
import threading
import time
import warnings
from concurrent.futures import Future
from typing import Any

import dask
import dask_jobqueue
from distributed import Client, LocalCluster, WorkerPlugin
from distributed.scheduler import KilledWorker

from models.places import ROOT, build_root, plain
from scripts import interrupt
from scripts.farm import slot
from scripts.farm.jobs import Jobs, keeping
from scripts.farm.place import Function
from scripts.farm.settings import OUTSIDE, SCHEDULERS, Cluster, FarmError, Setting
from scripts.farm.slot import Answer, How

_CLASSES = {
    "slurm": dask_jobqueue.SLURMCluster,
    "lsf": dask_jobqueue.LSFCluster,
    "sge": dask_jobqueue.SGECluster,
    "pbs": dask_jobqueue.PBSCluster,
    "htcondor": dask_jobqueue.HTCondorCluster,
}
_CONFIG = {
    "distributed.scheduler.allowed-failures": 0,  # a lost worker is told at once
    "distributed.scheduler.work-stealing": False,  # a job is minutes: none is sent ahead
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.deploy.lost-worker-timeout": "2s",
    "distributed.worker.daemon": False,  # its slots are processes below it
    "distributed.comm.timeouts.connect": "20s",
}
CONNECT = "20s"  # until a scheduler that somebody else started has answered
_GRACE = 3.0  # seconds that a worker has to say goodbye
_PATIENCE = 60.0  # seconds without any worker until that is said


class Ends(WorkerPlugin):  # type: ignore[misc]  # Any: it brings no types
    """Ends the jobs of a worker that closes; they would hold it until they are done.

    ``whole``: ends the worker's process too, which may wait for itself for ever, and keep its place
    in the cluster as long; not for workers that somebody else started.
    """

    name = "lacuna-slots"

    def __init__(self, whole: bool) -> None:
        self.whole = whole

    def teardown(self, worker: Any) -> None:
        """Dask's call."""
        slot.end_all()
        if self.whole:
            timer = threading.Timer(_GRACE, os._exit, (0,))
            timer.daemon = True
            timer.start()


class Dask:
    """A ``Place`` behind a Dask scheduler; ``cluster`` is None if that is not ours."""

    lost: tuple[type[BaseException], ...] = (KilledWorker,)

    def __init__(self, client: Client, cluster: Any, word: str, workers: int, slots: int) -> None:
        self.window = max(64, 3 * slots)
        self._client, self._cluster, self._workers = client, cluster, workers
        self._word = word
        self._alone = time.monotonic()
        scheduled = isinstance(cluster, dask_jobqueue.JobQueueCluster)
        self._jobs = Jobs(cluster, word) if scheduled else None

    def submit(self, function: Function, job: tuple[Any, ...], how: How) -> Future[Answer]:
        """As in ``Place``; FarmError if there is nobody any more who could do it.

        Not by Dask's own executor: an answer whose worker is lost meanwhile is an error to it.
        """
        self._alive()
        asked = self._client.submit(
            slot.obey, slot.packed(function, job), how, pure=False, retries=0
        )
        future: Future[Answer] = Future()
        future.add_done_callback(lambda done: asked.cancel() if done.cancelled() else None)
        self._client.loop.add_callback(self._deliver, asked, future)
        return future

    async def _deliver(self, asked: Any, future: Future[Answer]) -> None:
        try:
            answer, error = await self._client.gather(asked, asynchronous=True), None
        except (Exception, asyncio.CancelledError) as caught:
            answer, error = None, caught
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(answer)
        else:
            future.set_exception(error)

    def _alive(self) -> None:
        if self._client.status != "running":
            raise FarmError(f"farm: {self._word}: its scheduler is gone")

    def tend(self) -> str:
        """Ask for what ended too early again; say that nothing works.

        Raises:
            FarmError: the scheduler takes no job, or none of them brings a worker.
        """
        self._alive()
        found = self._client.scheduler_info(n_workers=-1).get("workers", {})
        said = ""
        if self._jobs is not None:
            said = self._jobs.missed({one["name"] for one in found.values()})
            self._cluster.scale(self._workers)
        if said:
            return said
        now = time.monotonic()
        if found:
            self._alone = now
        elif now - self._alone > _PATIENCE:
            self._alone = now
            if self._workers:
                return f"no worker yet, of {self._workers} asked for; logs: {build_root() / 'farm'}"
            return "no worker; they must be started in the checkout (docs/farm.md)"
        return ""

    def close(self) -> None:
        """Give all workers back."""
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        with contextlib.suppress(TimeoutError, OSError):
            self._client.close(timeout=5)
        if self._cluster is not None:
            with contextlib.suppress(TimeoutError, OSError):
                self._cluster.close(timeout=20)
            interrupt.leave([])


def job_options(setting: Setting) -> dict[str, Any]:
    """What dask-jobqueue is told of a scheduler's job."""
    asked: Cluster = setting.cluster
    logs = plain(build_root() / "farm")  # the head of a script takes no blanks
    made: dict[str, Any] = {
        "cores": asked.cores,
        "processes": 1,
        "memory": f"{asked.memory}B",
        "nanny": False,
        # In place of the script's shell, so that what ends the job ends the worker.
        "python": f"exec {shlex.quote(sys.executable)}",
        "job_name": "lacuna",
        "death_timeout": 60,
        "job_extra_directives": list(asked.extra),
        "job_script_prologue": [*asked.prologue, f"cd {shlex.quote(str(ROOT))}"],
        # Limits are the scheduler's, and those of each job: a worker that is short by Dask's count
        # would stand still.
        "worker_extra_args": ["--no-dashboard", "--memory-limit", "0"],
        "local_directory": "${TMPDIR:-/tmp}",
        # A folder that a node surely has; without one, logs would fall into the checkout.
        "log_directory": str(logs) if asked.shared else "/tmp",
        "interface": asked.interface or None,
        "scheduler_options": {"dashboard": False, "dashboard_address": ":0"},
    }
    if setting.word == "htcondor":  # its submit file has fields, not options
        fields = {name.strip(): value.strip() for name, _, value in
                  (line.partition("=") for line in asked.extra)}  # fmt: skip
        return made | {"disk": f"{asked.disk}B", "job_extra_directives": fields}
    account = "account" if setting.word in ("slurm", "pbs") else "project"
    made |= {"queue": asked.queue or None, account: asked.account or None}
    if not asked.walltime:
        return made
    # LSF counts hours and minutes.
    time_asked = asked.walltime.rpartition(":")[0] if setting.word == "lsf" else asked.walltime
    return made | {"walltime": time_asked}


def script(setting: Setting) -> str:
    """The job script that the cluster's scheduler gets; for a look at it."""
    job = _CLASSES[setting.word].job_cls
    told = {k: v for k, v in job_options(setting).items() if k != "scheduler_options"}
    return str(job("tcp://head:8786", name="one", **told).job_script())


def _equip(client: Client, plugin: Ends) -> None:
    """Give all workers the plugin, those that are there and those to come.

    Raises:
        ValueError: one of them is somewhere else.
    """
    try:
        client.register_plugin(plugin)
    except Exception as error:  # Dask hands on a text, not what was raised
        if "No module named 'scripts" in str(error):
            raise ValueError(OUTSIDE) from None
        raise


def opened(setting: Setting, jobs: int) -> Dask:
    """Start, or find, a cluster.

    Raises:
        FarmError: it cannot be had; the message says what it answered.
    """
    dask.config.set(_CONFIG)
    logging.getLogger("distributed").setLevel(logging.ERROR)
    # It says of each lost worker what ``Farm.each`` says in our words.
    logging.getLogger("distributed.scheduler").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"(distributed|dask_jobqueue)")
    cluster: Any = None
    try:
        if setting.word in SCHEDULERS:
            workers, slots = (
                setting.cluster.workers,
                setting.cluster.workers * setting.cluster.cores,
            )
            kind = _CLASSES[setting.word]
            kept = type(kind.__name__, (kind,), {"job_cls": keeping(kind.job_cls)})
            cluster = kept(**job_options(setting))
            cluster.scale(workers)
        elif setting.word == "dask":
            workers = slots = jobs
            cluster = LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, memory_limit=0
            )
        client = Client(cluster if cluster is not None else setting.word, timeout=CONNECT)
        if cluster is None:
            threads = client.nthreads()
            workers, slots = 0, max(sum(threads.values()), 1)
        _equip(client, Ends(whole=setting.word in SCHEDULERS))
    except (OSError, TimeoutError, RuntimeError, ValueError) as error:
        if cluster is not None:
            cluster.close(timeout=5)
        raise FarmError(f"farm: {setting.word}: {' '.join(str(error).split())[:300]}") from None
    return Dask(client, cluster, setting.word, workers, slots)
