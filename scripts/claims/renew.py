"""``make claims RENEW=1``: the commands that make the records, one after the other.

Each is a line of ``make`` as the table names it. What has ended well is kept with a hash of all
sources, so that ``RESUME=1`` goes on where an earlier call ended; it is handed on to the targets
that take it themselves.
"""

from __future__ import annotations

import functools
import hashlib
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from models.places import ROOT
from scripts import door, interrupt, kept
from scripts.claims.claim import Paper
from scripts.claims.records import Record
from scripts.console import Console

KIND = "claims"
#: Runs the words of a command; its exit status.
Run = Callable[[Sequence[str]], int]


def records(papers: Iterable[Paper]) -> list[Record]:
    """What has to be made, each command once, in the order of the claims."""
    found = {claim.record.command: claim.record for one in papers for claim in one.claims}
    return list(found.values())


def words(command: str, resume: bool) -> list[str]:
    """The words of a command; with RESUME=1 where its target takes it.

    >>> words("make bench DESIGN=scnn BENCH_ARGS=--docs", True)
    ['make', 'bench', 'DESIGN=scnn', 'BENCH_ARGS=--docs', 'RESUME=1']
    >>> words("make coarse", True)
    ['make', 'coarse']
    """
    made = shlex.split(command)
    takes = door.TARGETS[made[1]].takes
    return [*made, "RESUME=1"] if resume and "RESUME" in takes else made


@functools.cache
def sources() -> str:
    """Hash of all that may decide a record: ``kept.sources`` and every script."""
    digest = hashlib.sha256(kept.sources().encode())
    for path in sorted((ROOT / "scripts").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(command: str) -> str:
    """Under which a command that has ended well is kept."""
    return hashlib.sha256(f"{sources()} {command}".encode()).hexdigest()[:24]


def run(arguments: Sequence[str]) -> int:
    """A command in the project's folder, its output where ours goes."""
    return subprocess.run(list(arguments), cwd=ROOT, check=False).returncode


def renew(papers: Mapping[str, Paper], resume: bool, console: Console, run: Run = run) -> list[str]:
    """Run all commands, then renew the documents; what did not end well, as lines."""
    todo = records(papers.values())
    failed = []
    for at, record in enumerate(todo, start=1):
        command = record.command
        label = f"[{at} of {len(todo)}] {command}"
        passed = kept.load(KIND, key_of(command)) is not None and (ROOT / record.file).is_file()
        if resume and passed:
            console.print(f"{label}: has passed before", markup=False)
            continue
        console.print(label, markup=False, style="bold")
        interrupt.note(f"{at - 1} of {len(todo)} records are renewed; RESUME=1 does the rest")
        began = time.monotonic()
        status = run(words(command, resume))
        seconds = time.monotonic() - began
        console.print(f"{label}: status {status}, {seconds:.0f} s", markup=False)
        if status:
            failed.append(f"{command}: exit status {status}")
        else:
            kept.save(KIND, key_of(command), {"command": command, "seconds": round(seconds, 1)})
    if status := run([sys.executable, "-m", "scripts.docs.cli"]):
        failed.append(f"python -m scripts.docs.cli: exit status {status}")
    return failed
