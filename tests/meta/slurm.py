"""A Slurm of one node, for tests: real daemons, without systemd, in a folder of their own.

``missing()`` says why there cannot be one; ``OneNode(folder, cores)`` is one while it is entered,
``environ`` what its commands need. Nothing outside the folder is written, whoever runs it.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
PROGRAMS = (*DAEMONS, "sbatch", "scancel", "scontrol", "squeue", "sinfo")
PACKAGES = "slurm-wlm munge"
_PATIENCE = 30.0  # seconds until the node is there

_CONF = """\
ClusterName=lacuna
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={daemon}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=1,sched_interval=1
ReturnToService=2
KillWait=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={megabytes} State=UNKNOWN
PartitionName=short Nodes={host} Default=YES MaxTime=60 State=UP
"""


def search_path() -> str:
    """``PATH`` with the folders of daemons, which are not everybody's."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def missing() -> str:
    """Why there can be no Slurm here, "" if there can."""
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=search_path())]
    return f"no {', '.join(lacking)} (apt-get install {PACKAGES})" if lacking else ""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class OneNode:
    """A controller and a node with ``cores`` cores, more than the machine has if need be."""

    def __init__(self, folder: Path, cores: int = 4, megabytes: int = 8192) -> None:
        self.folder, self.cores = folder, cores
        control, daemon = free_ports(2)
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)  # munged refuses a folder that others could write
        (folder / "slurm.conf").write_text(
            _CONF.format(
                host=socket.gethostname().partition(".")[0],
                control=control,
                daemon=daemon,
                user=getpass.getuser(),
                folder=folder,
                cores=cores,
                megabytes=megabytes,
            )
        )
        self.environ = {
            **os.environ,
            "PATH": search_path(),
            "SLURM_CONF": str(folder / "slurm.conf"),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> OneNode:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(subprocess.SubprocessError, OSError):
            self.ask("scancel", "--user", getpass.getuser())
        for one in reversed(self._running):
            one.terminate()
        for one in self._running:
            try:
                one.wait(2)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _start(self) -> None:
        key, where = self.folder / "munge.key", self.folder
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        self._daemon(
            "munged", "--foreground", "--force", f"--key-file={key}",
            f"--socket={where}/munge.socket", f"--pid-file={where}/munge.pid",
            f"--log-file={where}/munge.log", f"--seed-file={where}/munge.seed",
        )  # fmt: skip
        self._until("munged listens", (where / "munge.socket").exists)
        self._daemon("slurmctld", "-D", "-c")
        self._until("slurmctld answers", lambda: self._says("scontrol", "ping", word="UP"))
        self._daemon("slurmd", "-D")
        self._until("the node is idle", lambda: self._says("sinfo", "-h", "-o", "%T", word="idle"))

    def _daemon(self, *words: str) -> None:
        program = shutil.which(words[0], path=search_path())
        assert program is not None
        with (self.folder / f"{words[0]}.out").open("wb") as out:
            self._running.append(
                subprocess.Popen(
                    [program, *words[1:]], env=self.environ, stdout=out, stderr=subprocess.STDOUT
                )
            )

    def ask(self, *words: str) -> str:
        """What a command of Slurm says."""
        return subprocess.run(
            words, env=self.environ, capture_output=True, text=True, check=True, timeout=20
        ).stdout

    def waiting(self) -> set[str]:
        """Jobs that have not begun."""
        return set(self.ask("squeue", "-h", "-t", "PENDING", "-o", "%A").split())

    def _says(self, *words: str, word: str) -> bool:
        try:
            return word in self.ask(*words)
        except subprocess.SubprocessError:
            return False

    def _until(self, what: str, good: Callable[[], bool]) -> None:
        for _ in ticks(_PATIENCE):
            if good():
                return
            ended = [one.args for one in self._running if one.poll() is not None]
            if ended:
                break
        raise AssertionError(f"{what}: not within {_PATIENCE:g} s\n{self.logs()}")

    def logs(self) -> str:
        """The ends of all logs."""
        files = sorted({*self.folder.glob("*.log"), *self.folder.glob("*.out")})
        return "\n".join(
            f"{path.name}:\n" + "\n".join(path.read_text(errors="replace").splitlines()[-15:])
            for path in files
        )


def ticks(seconds: float, step: float = 0.1) -> Iterator[None]:
    """Moments until the patience ends."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(step)
