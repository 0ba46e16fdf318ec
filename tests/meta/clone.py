"""A clone of the dense array under another name, in a temporary copy of the checkout.

What a stranger does who adds a design: three folders (``rtl/``, ``models/``, ``tb/``) and one line
of the registry. Nothing else in the copy is touched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from models.places import ROOT

FOLDERS = ("rtl", "models", "tb")
NUMBER, COLOUR = 9, "#804d00"
#: What is copied of the checkout.
_NEEDED = ("docs", "models", "rtl", "scripts", "tb", "tests", "pyproject.toml", "README.md")
_SPELLINGS = (("dense", "clone"), ("Dense", "Clone"), ("DENSE", "CLONE"))
_NOT_MADE = shutil.ignore_patterns("__pycache__", "*.pyc", "build", "*.png", ".hypothesis")


def renamed(text: str) -> str:
    """A text of the dense array as the clone's: its name, in every spelling, and its number.

    >>> renamed("from models.dense import DenseConfig  # as sparse_on_dense")
    'from models.clone import CloneConfig  # as sparse_on_dense'
    """
    for old, new in _SPELLINGS:
        text = re.sub(rf"(?<!_on_){old}", new, text)
    text = re.sub(r"DesignId(\s*)\(2\)", rf"DesignId\1({NUMBER})", text)
    text = text.replace("number=2,", f"number={NUMBER},")
    return re.sub(r'colour="#[0-9a-f]{6}"', f'colour="{COLOUR}"', text)


def tree(folder: Path) -> Path:
    """The copy, with the clone in it."""
    for name in _NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=_NOT_MADE)
        else:
            shutil.copy(source, folder / name)
    for part in FOLDERS:
        for source in sorted((ROOT / part / "dense").rglob("*")):
            if source.is_dir() or "__pycache__" in source.parts:
                continue
            path = folder / part / "clone" / renamed(str(source.relative_to(ROOT / part / "dense")))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(renamed(source.read_text(encoding="utf-8")), encoding="utf-8")
    registry = folder / "models" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    line = '    "dense": "models.dense",\n'
    assert text.count(line) == 1
    registry.write_text(text.replace(line, line + renamed(line)), encoding="utf-8")
    return folder


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python in the copy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    kept.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "LAC_BUILD": str(folder / "build"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
