"""The bare harness (``bare.cpp``): the model of a full-size build without cocotb and Python.

What a simulation could cost at best, measured against what ``player.run_program`` takes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.places import build_root, plain
from tb.common.player.plan import Plan
from tb.common.player.player import PlayerError, Stall, file_plusargs
from tb.common.sim import simulators
from tb.common.sim.builds import Build, BuildError, locked, tail

_HERE = Path(__file__).parent
_LIMIT = 3600.0  # seconds


@dataclass(frozen=True)
class BareResult:
    """Clock cycles and seconds from the first step to the last, as ``PlayerResult`` has them."""

    cycles: int
    seconds: float


def link(build: Build) -> Path:
    """The harness with the very objects of a build of ``runner.player_bench``.

    Raises:
        BuildError: the compiler refused; its output's end is in the message.
    """
    folder, log = plain(build.dir), build.dir / "bare.log"
    command = ["make", "-C", str(folder), "-f", "Vtop.mk", "-f", str(plain(_HERE) / "bare.mk")]
    command += [f"VM_USER_DIR={os.path.relpath(plain(_HERE), folder)}", "VM_USER_LDLIBS="]
    command += [f"CURDIR={folder}", "bare"]
    variables = simulators.make_variables(fast=True)
    with (
        locked(build.dir.with_suffix(".lock")),
        simulators.clean_environment("verilator", variables, build_root() / "objects"),
        log.open("w", encoding="utf-8") as out,
    ):
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise BuildError(f"linking the bare harness failed; the end of {log}:\n{tail(log)}")
    return build.dir / "bare"


def run(
    binary: Path, plan: Plan, folder: Path, seed: int = 1, stall: Stall | None = None
) -> BareResult:
    """Run a plan whose files ``player.prepare`` has put into ``folder``; ``out.hex`` and
    ``reads.hex`` come there too.

    Raises:
        PlayerError: a register, the interrupt or the harness itself is not as it should be.
    """
    arguments: Sequence[str] = [
        *file_plusargs(plain(folder)),
        *(stall or Stall(seed=seed)).plusargs(),
        *simulators.randomise_state("verilator", seed),
        f"+bare_watchdog={plan.watchdog}",
    ]
    done = subprocess.run(
        [str(binary), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT,
    )
    if done.returncode:
        raise PlayerError(f"bare harness: {(done.stderr or done.stdout).strip()}")
    cycles, seconds = done.stdout.split()[-2:]
    return BareResult(int(cycles), float(seconds))
