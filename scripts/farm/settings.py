"""What ``FARM=`` and ``farm.toml`` say. Standard library only.

``farm.toml`` lies in the checkout, or where ``LAC_FARM_TOML`` says; docs/farm.md has its fields.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from models.names import quoted, unknown
from models.places import ROOT, shown
from scripts import options

#: Schedulers of clusters -> the program that hands a job to them.
SCHEDULERS = {"slurm": "sbatch", "lsf": "bsub", "sge": "qsub", "pbs": "qsub",
              "htcondor": "condor_submit"}  # fmt: skip
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]?)B")
_WALLTIME = re.compile(r"(?:(\d+)-)?(\d+):([0-5]\d)(?::([0-5]\d))?")
#: Fields that some schedulers do not have.
_LACKS = {"htcondor": ("queue", "account", "walltime")}

#: Of a worker that was started somewhere else.
OUTSIDE = "a worker does not find the project: start it in the checkout (docs/farm.md)"

T = TypeVar("T")


class FarmError(ValueError):
    """Nothing can run where it was to run; the message is one line."""


class JobError(RuntimeError):
    """A job was lost as often as it may, or met a limit; the message is one line."""


@dataclass(frozen=True)
class Limits:
    """Limits of one job, with all that it starts.

    seconds: wall clock, None: none; memory: bytes, None: none; retries: how often it runs again
    after its worker was lost.
    """

    seconds: float | None = None
    memory: int | None = None
    retries: int = 2


@dataclass(frozen=True)
class Cluster:
    """What is asked of a cluster's scheduler.

    workers: jobs of the scheduler; cores: of each, as many of ours run in it at a time; memory:
    bytes of each; shared: nodes see this machine's disk; build: folder of builds on a node that
    does not; extra: lines of the job script's head; prologue: commands before the worker starts;
    disk: bytes, of HTCondor only.
    """

    workers: int = 4
    cores: int = 1
    memory: int = 4 << 30
    walltime: str = ""
    queue: str = ""
    account: str = ""
    extra: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()
    interface: str = ""
    disk: int = 10 << 30
    shared: bool = True
    build: str = ""


@dataclass(frozen=True)
class Setting:
    """Where jobs run: ``word`` is the value of FARM."""

    word: str = "local"
    job: Limits = field(default_factory=Limits)
    cluster: Cluster = field(default_factory=Cluster)

    @property
    def dask(self) -> bool:
        """Whether Dask hands the jobs out."""
        return self.word != "local"

    @property
    def shared(self) -> bool:
        """Whether all that works sees this machine's build folder."""
        return self.cluster.shared or self.word in ("local", "dask")


# ---------------------------------------------------------------- values


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"an integer {low}..{high}")
        return value

    return convert


def _above_zero(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value < 1e9:
        raise ValueError("seconds above 0")
    return float(value)


def size(value: Any) -> int:
    """Bytes of a text.

    >>> size("4GB"), size("512 MB")
    (4294967296, 536870912)
    """
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    made = int(float(found[1]) * 1024 ** " KMGT".index(found[2] or " ")) if found else 0
    if not made:
        raise ValueError('a size such as "4GB" or "512MB"')
    return made


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or "\n" in value:
        raise ValueError("a text of one line")
    return value


def walltime(value: Any) -> str:
    """Hours, minutes and seconds, as every scheduler but LSF takes them.

    >>> walltime("04:00"), walltime("1-02:30:00")
    ('4:00:00', '26:30:00')
    """
    found = _WALLTIME.fullmatch(value) if isinstance(value, str) else None
    if found is None or not (hours := 24 * int(found[1] or 0) + int(found[2])) + int(found[3]):
        raise ValueError('hours and minutes, "04:00:00"')
    return f"{hours}:{found[3]}:{found[4] or '00'}"


def _folder(value: Any) -> str:
    if not Path(_text(value)).is_absolute():
        raise ValueError('a folder from the root, "/scratch/lacuna"')
    return str(value)


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of texts, each of one line")
    return tuple(_text(one) for one in value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


_JOB: dict[str, Callable[[Any], Any]] = {
    "seconds": _above_zero, "memory": size, "retries": _whole(0, 100),
}  # fmt: skip
_CLUSTER: dict[str, Callable[[Any], Any]] = {
    "workers": _whole(1, 10_000), "cores": _whole(1, 1024), "memory": size,
    "walltime": walltime, "queue": _text, "account": _text, "extra": _lines, "prologue": _lines,
    "interface": _text, "disk": size, "shared": _truth, "build": _folder,
}  # fmt: skip


def _section(
    where: str, name: str, table: Any, fields: Mapping[str, Callable[[Any], Any]], kind: type[T]
) -> T:
    if not isinstance(table, dict):
        raise FarmError(f"{where}: {name}: found {quoted(str(table))}, need a table [{name}]")
    made = {}
    for key, value in table.items():
        if key not in fields:
            raise FarmError(f"{where}: {unknown(name, key, fields)}")
        try:
            made[key] = fields[key](value)
        except ValueError as error:
            found = quoted(value if isinstance(value, str) else repr(value))
            raise FarmError(f"{where}: {name}.{key}: found {found}, need {error}") from None
    return kind(**made)


def path() -> Path:
    """Where ``farm.toml`` is, whether it is there or not."""
    return Path(os.environ.get("LAC_FARM_TOML") or ROOT / "farm.toml")


def read(file: Path) -> tuple[Limits, Cluster]:
    """``farm.toml``; what it does not say is as in ``Limits`` and ``Cluster``.

    Raises:
        FarmError: one line that names the file, the field, what was found and what is needed.
    """
    where = shown(file)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if os.environ.get("LAC_FARM_TOML"):
            raise FarmError(f"LAC_FARM_TOML: found {where} (no such file), need one") from None
        data = {}
    except (OSError, ValueError) as error:
        raise FarmError(f"{where}: {options.one_line(error)}") from None
    for name in data:
        if name not in ("job", "cluster"):
            raise FarmError(f"{where}: {unknown('table', name, ('job', 'cluster'))}")
    job = _section(where, "job", data.get("job", {}), _JOB, Limits)
    cluster = _section(where, "cluster", data.get("cluster", {}), _CLUSTER, Cluster)
    if not cluster.shared and not cluster.build:
        raise FarmError(
            f"{where}: cluster.build: found nothing, need a folder on each node, as shared is false"
        )
    return job, cluster


# ---------------------------------------------------------------- option


def setting(word: str) -> Setting:
    """All that is said of a farm.

    Raises:
        FarmError: a field of ``farm.toml`` is wrong, or what the farm needs is not here.
    """
    job, cluster = read(path())
    lacks = [one for one in _LACKS.get(word, ()) if getattr(cluster, one)]
    if lacks:
        raise FarmError(f"cluster.{lacks[0]}: found a value, {word} has no such field")
    bare = [line for line in cluster.extra if "=" not in line] if word == "htcondor" else []
    if bare:
        raise FarmError(f"cluster.extra: found {quoted(bare[0])}, {word} needs NAME = VALUE")
    if word == "sge" and cluster.cores > 1 and not any("-pe" in line for line in cluster.extra):
        raise FarmError(
            f"cluster.cores: found {cluster.cores}, {word} needs a parallel environment for more: "
            f'extra = ["-pe NAME {cluster.cores}"]'
        )
    if word in SCHEDULERS and not shutil.which(program := SCHEDULERS[word]):
        raise FarmError(f"farm: found {word}, need its {program} in PATH")
    if word != "local":
        needs = ["distributed", *(["dask_jobqueue"] if word in SCHEDULERS else [])]
        if any(importlib.util.find_spec(one) is None for one in needs):
            raise FarmError(f"farm: found {word}, need Dask: make setup, or FARM= through make")
    return Setting(word, job, cluster)


def shared_setting(word: str, target: str) -> Setting:
    """The same for a target whose jobs read what others built.

    Raises:
        FarmError: as ``setting``, or the nodes see no common disk.
    """
    where = setting(word)
    if not where.shared:
        raise FarmError(f"farm: cluster.shared: found false, {target} needs a disk that all see")
    return where


def add_option(parser: argparse.ArgumentParser) -> None:
    """``--farm``, as all that hand out jobs take it."""
    parser.add_argument("--farm", type=options.farm, default="local", help="where jobs run")
