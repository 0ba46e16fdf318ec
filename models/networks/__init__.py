"""The embedded default networks: pruned, weight-shared LeNets and digits to run them on.

The files beside this one are written by ``python -m scripts.train.cli`` (see ``README.md`` here)
and hold integers only, so that inference needs no float: with ``x`` the input of a layer,

    acc = sum(codebook[codes] * x) + bias          exact, fits 40 bits signed
    y = max_pool(relu(saturate16(round_half_away_from_zero(acc / 2**shift))))

>>> network = load_network("lenet_300_100")
>>> [layer.weights.shape for layer in network.layers]
[(300, 784, 1, 1), (100, 300, 1, 1), (10, 100, 1, 1)]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.npz import NpzError, read_npz

FOLDER = Path(__file__).resolve().parent
NETWORKS = ("lenet_300_100", "lenet_5", "vgg_7")
TOUR = NETWORKS[:2]  # those that run, or are encoded, when none is named
STAGES = ("dense", "pruned", "quantized")
CODEBOOK_SIZE = 16
MAX_SHIFT = 39  # a longer shift leaves nothing of a 40-bit accumulator
MAX_GEOMETRY = 255  # stride, padding and pool: far above any sane value, refuses rubbish


@dataclass(frozen=True, eq=False)
class NetworkLayer:
    """One layer, all integers.

    ``weights`` int16 [K, C, R, S] (a fully connected layer has R = S = 1 and reads its input
    flattened in the order c, y, x); ``bias`` int64 [K], in units of the accumulator; ``shift`` the
    right shift from accumulator to output; ``pool`` the side and step of the max pooling after the
    layer (1: none); ``codes`` uint8 [K, C, R, S], 0 where a weight is pruned; ``codebook``
    int16 [16], ``weights == codebook[codes]``.
    """

    name: str
    weights: np.ndarray
    bias: np.ndarray
    stride: int
    padding: int
    shift: int
    relu: bool
    pool: int
    codes: np.ndarray
    codebook: np.ndarray

    @property
    def density(self) -> float:
        """Share of weights that are not pruned."""
        return float(np.count_nonzero(self.codes) / self.codes.size)


@dataclass(frozen=True, eq=False)
class Network:
    """A network: its layers in order, and held-out accuracy (0 to 1) of each stage."""

    name: str
    layers: tuple[NetworkLayer, ...]
    accuracy: dict[str, float]


@dataclass(frozen=True, eq=False)
class Digits:
    """Held-out test digits.

    ``images`` uint8 [N, 28, 28] (0 background), ``labels`` uint8 [N], ``indices`` int32 [N]: the
    position of each image in the source package.
    """

    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray


def load_network(name: str, folder: Path = FOLDER) -> Network:
    """Load ``folder/name.npz`` and check every field.

    Raises:
        ValueError: ``name`` is unknown, or the file is damaged; the message names the field, the
            value found and what is allowed.
        FileNotFoundError: the file does not exist.
    """
    if name not in NETWORKS:
        raise ValueError(f"network name is {name!r}, allowed: {', '.join(NETWORKS)}")
    fields = _read(folder / f"{name}.npz")
    count = 0
    while f"l{count}_codes" in fields:
        count += 1
    if count == 0:
        raise ValueError(f"{name}.npz: field l0_codes is missing, a network has a layer at least")
    reader = _Fields(f"{name}.npz", fields)
    layers = tuple(_layer(reader, f"l{index}_") for index in range(count))
    density = reader.array("density", np.floating, (count,))
    for index, layer in enumerate(layers):
        if index:
            _check_chain(reader, index, layers[index - 1], layer)
        if not abs(density[index] - layer.density) <= 1e-6:  # NaN, too
            reader.refuse(f"density[{index}]", density[index], f"{layer.density}, as in the codes")
    accuracy = {stage: reader.fraction(f"accuracy_{stage}") for stage in STAGES}
    return Network(name, layers, accuracy)


def load_digits(folder: Path = FOLDER) -> Digits:
    """Load and check ``folder/digits.npz``.

    Raises:
        ValueError: the file is damaged; the message names the field.
        FileNotFoundError: the file does not exist.
    """
    reader = _Fields("digits.npz", _read(folder / "digits.npz"))
    images = reader.array("images", np.uint8, (None, 28, 28))
    labels = reader.array("labels", np.uint8, (len(images),))
    indices = reader.array("indices", np.int32, (len(images),))
    if labels.max(initial=0) > 9:
        reader.refuse("labels", labels.max(), "0 to 9")
    return Digits(images, labels, indices)


class _Fields:
    """Checked access to the arrays of one file."""

    def __init__(self, file: str, fields: Mapping[str, np.ndarray]) -> None:
        """Fields of ``file``, the name error messages give."""
        self.file = file
        self.fields = fields

    def refuse(self, field: str, value: object, allowed: str) -> None:
        """Raise the error every check ends in."""
        raise ValueError(f"{self.file}: {field} is {value}, allowed: {allowed}")

    def array(self, field: str, kind: type, shape: tuple[int | None, ...]) -> np.ndarray:
        """Array of dtype ``kind`` (or of that kind) and ``shape`` (None: any length but 0)."""
        if field not in self.fields:
            raise ValueError(f"{self.file}: field {field} is missing")
        value = self.fields[field]
        if not np.issubdtype(value.dtype, kind):
            self.refuse(f"dtype of {field}", value.dtype, kind.__name__)
        wanted = "[" + ", ".join("any" if n is None else str(n) for n in shape) + "]"
        fits = len(value.shape) == len(shape) and all(
            have > 0 if want is None else have == want
            for have, want in zip(value.shape, shape, strict=True)
        )
        if not fits:
            self.refuse(f"shape of {field}", list(value.shape), wanted)
        return value

    def integer(self, field: str, low: int, high: int) -> int:
        """Integer in ``low..high``."""
        value = int(self.array(field, np.integer, ()))
        if not low <= value <= high:
            self.refuse(field, value, f"{low} to {high}")
        return value

    def fraction(self, field: str) -> float:
        """Float in 0..1."""
        value = float(self.array(field, np.floating, ()))
        if not 0.0 <= value <= 1.0:
            self.refuse(field, value, "0 to 1")
        return value


def _read(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an npz file."""
    path.stat()  # FileNotFoundError
    try:
        return read_npz(path)
    except NpzError as error:
        raise ValueError(f"{path.name}: cannot be read as .npz ({error})") from None


def _layer(reader: _Fields, prefix: str) -> NetworkLayer:
    """Read and check the layer whose fields start with ``prefix``."""
    field = prefix + "codes"
    dims = reader.fields[field].ndim
    if dims not in (2, 4):
        reader.refuse(f"shape of {field}", list(reader.fields[field].shape), "2 or 4 axes")
    codes = reader.array(field, np.uint8, (None,) * dims)
    if codes.max() >= CODEBOOK_SIZE:
        reader.refuse(f"largest entry of {field}", codes.max(), f"0 to {CODEBOOK_SIZE - 1}")
    codebook = reader.array(prefix + "codebook", np.int16, (CODEBOOK_SIZE,))
    if codebook[0] != 0:
        reader.refuse(f"{prefix}codebook[0]", codebook[0], "0, the value of pruned weights")
    if not codebook[1:].all():
        entry = 1 + int(np.flatnonzero(codebook[1:] == 0)[0])
        reader.refuse(f"{prefix}codebook[{entry}]", 0, "not 0, only entry 0 is a pruned weight")
    codes = codes.reshape(codes.shape + (1,) * (4 - dims))
    return NetworkLayer(
        name=str(reader.array(prefix + "name", np.str_, ())),
        weights=codebook[codes],
        bias=reader.array(prefix + "bias", np.int32, (len(codes),)).astype(np.int64),
        stride=reader.integer(prefix + "stride", 1, MAX_GEOMETRY),
        padding=reader.integer(prefix + "padding", 0, MAX_GEOMETRY),
        shift=reader.integer(prefix + "shift", 0, MAX_SHIFT),
        relu=bool(reader.array(prefix + "relu", np.bool_, ())),
        pool=reader.integer(prefix + "pool", 1, MAX_GEOMETRY),
        codes=codes,
        codebook=codebook,
    )


def _check_chain(reader: _Fields, index: int, before: NetworkLayer, layer: NetworkLayer) -> None:
    """A layer reads what the one before it writes; a flattened map has K times any channels."""
    produced, read = before.weights.shape[0], layer.weights.shape[1]
    flattens = before.weights.shape[2:] != (1, 1) and layer.weights.shape[2:] == (1, 1)
    if read % produced if flattens else read != produced:
        allowed = f"a multiple of {produced}" if flattens else f"{produced}"
        reader.refuse(f"channels of l{index}_codes", read, f"{allowed}, the outputs before it")
