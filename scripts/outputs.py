"""Where reports go: a folder for each run, and the latest in the well-known place.

    build/reports/<time>-<what>/   all of one run: its report, streams, failing cases
    build/report/                  the latest of every kind, replaced file by file when a run ends

Runs at the same time meet only in the second, for a moment, under a lock.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.places import build_root
from tb.common.sim import folders
from tb.common.sim.builds import locked
from tb.common.sim.folders import Claim

KEPT = 5  # reports in folders of their own; streams make them large


def report_root() -> Path:
    """The well-known place of the latest reports."""
    return build_root() / "report"


def own_folder(what: str, given: Path | None = None) -> Claim:
    """The folder of a run: ``given``, or a new one, of which the last few are kept.

    Raises:
        ValueError: ``given`` cannot be written, or another run is writing there.
    """
    if given is None:
        reports = build_root() / "reports"
        reports.mkdir(parents=True, exist_ok=True)
        old = sorted(reports.iterdir(), key=lambda one: one.stat().st_mtime_ns)
        folders.keep_newest([one for one in old if one.is_dir()], KEPT - 1)
        slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", what)[:60]
        return folders.claim(reports / f"{time.strftime('%Y%m%d-%H%M%S')}-{slug}", again=False)
    try:
        found = folders.take(given)
    except OSError as error:
        raise ValueError(f"out: found {given}, need a folder to write ({error})") from error
    if found is None:
        raise ValueError(f"out: found {given}, where another run writes just now; need another one")
    return found


@contextlib.contextmanager
def renewing(folder: Path) -> Iterator[Path]:
    """Hold a folder of reports while it is renewed: others wait for this moment."""
    with locked(folder / ".renew.lock"):
        yield folder


def publish(files: Iterable[Path], folder: Path) -> None:
    """Copy files into ``folder``, each at once: whoever reads there never sees half of one."""
    for path in files:
        target = folder / path.name
        if path.resolve() == target.resolve():
            continue
        part = target.with_name(f".{path.name}.{os.getpid()}")
        shutil.copyfile(path, part)
        part.replace(target)
