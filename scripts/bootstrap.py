"""Make the virtual environment: ``python3 scripts/bootstrap.py .venv run sim ...``.

Runs with the system's Python and nothing else installed, so standard library only. Checks first
what cannot be installed from Python, and says what to type; then makes the environment, with
whatever of venv, pip, virtualenv and uv this machine has, and installs groups of packages
(``requirements/<group>.lock``) that are not in it. ``.venv/ready-<group>`` marks what is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from models import places  # noqa: E402  (it needs nothing that is not there yet)

LOCKS = ROOT / "requirements"
#: In the environment while something is installed: if it is found, that was interrupted.
UNFINISHED = "installing"
MIN_PYTHON = (3, 11)
PROGRAMS = ("make", "g++", "perl")


def fail(text: str) -> None:
    """Say what is missing and stop."""
    sys.exit(f"error: {text}")


def run(*command: object) -> bool:
    """Run a command, its output only when it fails; True if it worked."""
    result = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        print(result.stdout, end="")
    return result.returncode == 0


def has_libpython() -> bool:
    """The simulators load Python as a shared library; Debian packs it apart from python3."""
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and not sys.executable.startswith("/usr/bin"):
        return True
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folders = {sysconfig.get_config_var(name) for name in ("LIBDIR", "LIBPL")}
    folders.add(f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}")
    return (
        any(
            list(Path(folder).glob(f"libpython{version}*.so*"))
            for folder in folders
            if folder and Path(folder).is_dir()
        )
        or sys.platform == "darwin"
    )


def check_machine() -> None:
    """Everything that only the system's package manager can bring, in one message."""
    if sys.version_info < MIN_PYTHON:
        fail(
            f"{sys.executable} is Python {sys.version.split()[0]}; "
            f"{MIN_PYTHON[0]}.{MIN_PYTHON[1]} or newer is needed (PYTHON=... chooses another)"
        )
    packages = [name for name in PROGRAMS if shutil.which(name) is None]
    what = list(packages)
    if not has_libpython():
        what.append("libpython")
        packages.append("python3-dev")
    if not can_make_venv():
        what.append("venv")
        packages.append("python3-venv")
    if what:
        fail(
            f"missing: {', '.join(what)}. On Debian and Ubuntu:\n\n"
            f"    sudo apt-get install {' '.join(packages)}"
        )


def has_module(name: str) -> bool:
    """Whether this Python can run ``-m name``."""
    command = [sys.executable, "-c", f"import {name}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def can_make_venv() -> bool:
    """Debian takes ensurepip out of python3; any of the others will do."""
    if has_module("ensurepip") and has_module("venv"):
        return True
    return has_module("virtualenv") or bool(shutil.which("virtualenv") or shutil.which("uv"))


def make_venv(venv: Path) -> None:
    """An environment with pip in it."""
    python = venv / "bin" / "python"
    if is_whole(venv):
        return
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir(parents=True, exist_ok=True)  # here a disk that cannot be written shows itself
    print(f"making {venv} with Python {sys.version.split()[0]}", flush=True)
    ways: list[list[object]] = []
    if has_module("ensurepip") and has_module("venv"):
        ways.append([sys.executable, "-m", "venv", venv])
    if has_module("virtualenv"):
        ways.append([sys.executable, "-m", "virtualenv", venv])
    if shutil.which("virtualenv"):
        ways.append(["virtualenv", "-p", sys.executable, venv])
    if shutil.which("uv"):
        ways.append(["uv", "venv", "--seed", "--python", sys.executable, venv])
    if not any(run(*way) and has_pip(python) for way in ways):
        fail("no virtual environment could be made; see above")


def has_pip(python: Path) -> bool:
    """Whether the environment is whole (an upgrade of the system's Python breaks it)."""
    try:
        command = [str(python), "-m", "pip", "--version"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def is_whole(venv: Path) -> bool:
    """Whether the environment was finished and still works; what is not is made anew.

    Packages half installed pass for installed with pip, so the marks decide, which come last.
    """
    finished = any(venv.glob("ready-*")) or (venv / ".ready").is_file()
    return finished and not (venv / UNFINISHED).exists() and has_pip(venv / "bin" / "python")


def stamp(group: str) -> str:
    """What the mark of a group says: the packages and the Python they were installed for."""
    text = (LOCKS / f"{group}.lock").read_bytes()
    return f"{sys.version.split()[0]} {hashlib.sha256(text).hexdigest()}\n"


def install(venv: Path, group: str) -> None:
    """The packages of a group, if they are not there."""
    mark, lock = venv / f"ready-{group}", LOCKS / f"{group}.lock"
    if mark.is_file() and mark.read_text() == stamp(group):
        mark.touch()  # the lock is newer, its content is not
        return
    if mark.is_file() and venv.name == group:  # one of its own: without what an older lock had
        shutil.rmtree(venv)
        make_venv(venv)
    count = sum(1 for line in lock.read_text().splitlines() if "==" in line)
    print(f"installing {count} packages of {lock.relative_to(ROOT)} into {venv}", flush=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    mark.unlink(missing_ok=True)
    (venv / UNFINISHED).touch()
    if not run(*pip, "--disable-pip-version-check", "-r", lock):
        fail("pip could not install the packages; see above")
    mark.write_text(stamp(group))
    (venv / UNFINISHED).unlink()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait for another bootstrap of this checkout; a folder can be locked even if read-only."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main() -> None:
    venv, groups = Path(sys.argv[1]), sys.argv[2:]
    check_machine()
    try:
        places.check_checkout()
        with alone(ROOT):
            make_venv(venv)
            for group in groups:
                install(venv, group)
    except places.PlaceError as error:
        fail(str(error))
    except OSError as error:
        fail(
            f"{error.filename or venv}: {places.disk_problem(error) or error.strerror}; "
            "LAC_VENV=/some/folder puts the virtual environment elsewhere"
        )


if __name__ == "__main__":
    main()
