"""Builds: one folder for each distinct input, made once, found again ever after."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cocotb_tools.runner as cocotb_runner

from models.places import ROOT, build_root, plain
from tb.common.sim import configs, simulators
from tb.common.sim.bench import Bench
from tb.common.sim.sources import SourceSet, collect

log = logging.getLogger("lacuna")

_TIMESCALE = ("1ns", "1ps")
_BUILD_LIMIT = 1800.0  # seconds


class BuildError(RuntimeError):
    """The compiler refused; the message has the end of its log.

    folder: of the build, with what was made of it; None if it has none
    """

    def __init__(self, message: str, folder: Path | None = None) -> None:
        super().__init__(message)
        self.folder = folder


@dataclass(frozen=True)
class Build:
    """A compiled simulation: its folder, and whether this call made it (``seconds`` > 0)."""

    dir: Path
    simulator: str
    top: str
    parameters: Mapping[str, int]
    waves: bool
    coverage: bool
    seconds: float

    @property
    def fresh(self) -> bool:
        return self.seconds > 0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, over all processes of this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file at once: whoever reads it, or finds it after a crash, never sees half of it."""
    part = path.with_name(f".{path.name}.{os.uname().nodename}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def sources_of(bench: Bench) -> SourceSet:
    """Files that a bench's top needs."""
    folders = dict.fromkeys(["common", *bench.rtl])
    return collect(
        bench.top,
        [ROOT / "rtl" / folder for folder in folders],
        [ROOT / source for source in bench.sources],
        bench.defines.values(),
    )


def _key(sources: SourceSet, simulator: str, settings: object) -> str:
    """Hash of everything that decides what a build is."""
    digest = hashlib.sha256()
    for path in sources.files + sources.headers:
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    tool = [simulators.version(simulator), simulators.libs_dir(), str(sources.include_dirs)]
    digest.update(json.dumps([tool, settings], sort_keys=True, default=str).encode())
    return digest.hexdigest()[:12]


def build(
    bench: Bench,
    config: str | Mapping[str, int] = "default",
    simulator: str = "verilator",
    *,
    waves: bool = False,
    debug: bool = False,
    coverage: bool = False,
) -> Build:
    """Compile a bench's top, or find the folder where that was done before.

    Args:
        waves: able to write waves (slower, so a build of its own).
        debug: every signal of the design readable and writable from Python (slower).
        coverage: count lines, toggles and cover properties (Verilator only).

    Raises:
        BuildError: the compiler failed; its log's end is in the message.
        simulators.ToolMissing: the simulator is not installed.
        ValueError: unknown simulator or configuration, missing source.
    """
    parameters = bench.parameters(config)
    configs.check_names(bench, parameters)
    coverage = coverage and simulator == "verilator"
    sources = sources_of(bench)
    flags = simulators.build_flags(
        simulator, waves=waves, debug=debug, coverage=coverage, fast=bench.fast
    )
    makevars = simulators.make_variables(bench.fast) if simulator == "verilator" else {}
    fast = bench.fast and simulator == "verilator"
    ports = simulators.shared_ports(sources.files) if fast else ""
    settings = [bench.top, parameters, dict(bench.defines), flags, makevars, waves, _TIMESCALE]
    settings += [ports] if fast else []
    main = ROOT / bench.main if bench.main and simulator == "verilator" else None
    settings += [hashlib.sha256(main.read_bytes()).hexdigest()] if main else []
    key = _key(sources, simulator, settings)
    folder = build_root() / "sim" / f"{bench.top}-{simulator}-{key}"
    done = folder / "built.json"

    def made(seconds: float) -> Build:
        return Build(folder, simulator, bench.top, parameters, waves, coverage, seconds)

    product = folder / (bench.top if simulator == "verilator" else "sim.vvp")

    def whole() -> bool:
        """The mark comes last, but a product can be deleted later."""
        return done.is_file() and product.is_file()

    if whole():
        return made(0.0)
    with locked(folder.with_suffix(".lock")):
        if whole():  # somebody else made it while we waited
            return made(0.0)
        # What a failed or killed build left would pass for up to date: make looks at times only.
        shutil.rmtree(folder, ignore_errors=True)
        log.info("building %s %s for %s", bench.top, bench.label(config), simulator)
        start = time.monotonic()
        folder.mkdir(parents=True)
        if fast:
            write_whole(folder / "ports.vlt", ports)
            flags = [*flags, str(plain(folder / "ports.vlt"))]
        _compile(bench, sources, simulator, parameters, flags, makevars, folder, waves, main)
        seconds = max(time.monotonic() - start, 1e-3)
        record = {"bench": bench.name, "settings": settings, "seconds": round(seconds, 1)}
        record["sources"] = [str(path) for path in sources.files + sources.headers]
        write_whole(done, json.dumps(record, indent=1, default=str) + "\n")
        log.info("built %s in %.1f s", folder.name, seconds)
        return made(seconds)


def _compile(
    bench: Bench,
    sources: SourceSet,
    simulator: str,
    parameters: Mapping[str, int],
    flags: list[str],
    makevars: Mapping[str, str],
    folder: Path,
    waves: bool,
    main: Path | None,
) -> None:
    log_file = folder / "build.log"
    runner = simulators.runner(simulator, limit=_BUILD_LIMIT, main=main and plain(main))
    # Workers of pytest-xdist already keep the cores busy.
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    cocotb_runner.MAX_PARALLEL_BUILD_JOBS = 1 if workers > 1 else 2
    try:
        with simulators.clean_environment(simulator, makevars, build_root() / "objects"):
            runner.build(
                sources=[plain(path) for path in sources.files],
                includes=[plain(path) for path in sources.include_dirs],
                defines=bench.defines,
                parameters=parameters,
                build_args=flags,
                hdl_toplevel=bench.top,
                always=True,
                build_dir=plain(folder),
                timescale=_TIMESCALE,
                waves=waves,
                log_file=log_file,
            )
    except (RuntimeError, SystemExit) as error:
        raise BuildError(
            f"building {bench.top} for {simulator} failed ({error}); the end of {log_file}:\n"
            + tail(log_file),
            folder,
        ) from None


def tail(path: Path, lines: int = 40) -> str:
    """The last lines of a file, indented; compiler and simulator logs say it at the end."""
    if not path.is_file():
        return "  (no log)"
    text = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(f"  | {line}" for line in text)
