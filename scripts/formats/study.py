"""What every format costs: layers, pruned at every granularity, encoded in every format, measured.

A layer is the matrix [K, C*R*S] (filters down, inputs of one output along). Sizes are those of
``Format.size``: exact stored bits of a real encoding, not a formula.

>>> layer = random_subject((8, 4, 3, 3), width=8, bits=4, seed=1)
>>> one = measure(layer, layer.pruned("kernel", 0.5), "bitmap")
>>> one["values"], one["overhead"], one["bits_per_weight"]
(1152, 288, 5.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.formats.base import Encoded, Format, bits
from models.formats.bitmap import Bitmap
from models.formats.blockmap import Blockmap
from models.formats.bsr import Bsr
from models.formats.codebook import Codebook
from models.formats.coo import Coo
from models.formats.csc import Csc
from models.formats.csr import Csr
from models.formats.dense import Dense
from models.formats.ellpack import Ell
from models.formats.huffman import MAX_SYMBOL_WIDTH, Huffman
from models.formats.nm import Nm
from models.formats.periodic import Periodic
from models.formats.rle import Rle
from models.pruning import mask
from models.quantization import codebook, quantize_fixed, relative_error

#: Densities of the sweep.
DENSITIES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
#: Bits of a run or relative index, as in SCNN and EIE.
RUN_WIDTH = 4
#: Group of the N:M format; N is the smallest that holds the layer.
GROUP = 4
#: Patterns of a periodic layer.
PERIOD = 16
#: Block of the block formats where the pruning has no block of its own.
BLOCK = (4, 4)
#: Weights that a sweep, and a layer as it is, are measured on; of a larger one, so many.
SWEEP_WEIGHTS = 1 << 18
WHOLE_WEIGHTS = 1 << 22
AS_IT_IS = "as it is"
PARTS = ("values", "indices", "pointers", "tables", "padding")

Record = dict[str, Any]


@dataclass(frozen=True)
class Grain:
    """A pruning granularity with its options.

    block   block of the block formats, (rows, columns) of the matrix
    most    density that the structure cannot pass
    """

    name: str
    kind: str
    options: dict[str, Any]
    block: tuple[int, int] = BLOCK
    most: float = 1.0


def grains(shape: tuple[int, ...]) -> list[Grain]:
    """Granularities that mean something for weights [K, C, R, S], finest first.

    >>> [grain.name for grain in grains((8, 8, 1, 1))]
    ['fine', '2:4', '1x16 block', '32x32 block', 'filter']
    """
    _, channels, rows, cols = shape
    places, along = rows * cols, channels * rows * cols
    row = max(n for n in range(1, min(along, 256) + 1) if along % n == 0)
    made = [
        Grain("fine", "fine", {}),
        Grain("2:4", "nm", {"n": 2, "m": 4}, most=0.5),
    ]
    if places > 1:
        made.append(Grain("periodic", "periodic", {"period": PERIOD}))
        if cols > 1:
            made.append(Grain(f"1x{cols} vector", "vector", {}, (1, cols)))
        made.append(Grain(f"{rows}x{cols} kernel", "kernel", {}, (1, places)))
    return [
        *made,
        Grain("1x16 block", "block", {"block": (1, 16)}, (1, 16)),
        Grain("32x32 block", "block", {"block": (32, 32)}, (32, 32)),
        Grain("filter", "filter", {}, (1, row)),
    ]


@dataclass(frozen=True, eq=False)
class Matrix:
    """A pruned layer, ready to be encoded.

    plain, shared   int64 [K, C*R*S]: the weights, and the weights from a codebook, same zeros
    """

    granularity: str
    plain: NDArray[np.int64]
    shared: NDArray[np.int64]
    block: tuple[int, int]
    _coded: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def density(self) -> float:
        """Share of weights that are not zero."""
        return float(np.count_nonzero(self.plain) / self.plain.size)

    def coded(self, layer: Subject) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(codebook int64 [1, 2**bits], codes int64 [K, C*R*S]) of ``shared``; found once."""
        if self._coded is not None:
            return self._coded
        encoded = Codebook(layer.width, Dense(layer.bits)).encode(self.shared)
        coded = encoded["codebooks"], encoded["values"].reshape(encoded.shape)
        object.__setattr__(self, "_coded", coded)
        return coded


@dataclass(frozen=True, eq=False)
class Subject:
    """A layer to be measured.

    weights         numbers [K, C, R, S], whose magnitude says what is pruned
    plain, shared   int64 [K, C, R, S] of ``width`` bits; ``shared`` has at most 2**bits - 1
                    different non-zeros
    bits            width of a code
    """

    name: str
    weights: NDArray[Any]
    plain: NDArray[np.int64]
    shared: NDArray[np.int64]
    width: int
    bits: int

    @property
    def places(self) -> int:
        """Weights of a kernel."""
        return int(self.weights.shape[2] * self.weights.shape[3])

    @property
    def most(self) -> float:
        """Highest density it can be pruned to: its own; one zero in a thousand is as good as none.

        >>> subject("half", np.array([[0.0, 1.0]]), width=8, bits=4).most
        0.5
        """
        return 1.0 if self.share > 0.999 else self.share

    @property
    def share(self) -> float:
        """Share of weights that are not zero."""
        return float(np.count_nonzero(self.weights) / self.weights.size)

    @property
    def fit(self) -> str:
        """How well the shared values stand for the weights, for people.

        >>> subject("few", np.array([[0.0, 1.0, 0.5]]), width=8, bits=4).fit
        'few: 2 of 15 shared values used, relative error 0'
        """
        used = np.unique(self.shared[self.shared != 0]).size
        error = relative_error(self.plain, self.shared)
        most = (1 << self.bits) - 1
        return f"{self.name}: {used} of {most} shared values used, relative error {error:.3g}"

    def as_it_is(self) -> Matrix:
        """The layer with the zeros that it has."""
        return self._matrix(AS_IT_IS, self.weights != 0, BLOCK)

    def pruned(self, kind: str, density: float) -> Matrix:
        """The layer at a density; ``kind`` as in ``grains`` (name or kind)."""
        for grain in grains(self.weights.shape):
            if kind in (grain.name, grain.kind):
                return self.cut(grain, density)
        raise ValueError(f"granularity: found '{kind}'")

    def cut(self, grain: Grain, density: float) -> Matrix:
        """The layer pruned by a grain to a density."""
        weights = self.weights
        if grain.kind == "block":
            weights = weights.reshape(len(weights), -1)
        kept = mask(weights, density, grain.kind, **grain.options)
        return self._matrix(grain.name, kept.reshape(self.weights.shape), grain.block)

    def _matrix(self, name: str, kept: NDArray[np.bool_], block: tuple[int, int]) -> Matrix:
        shape = len(kept), -1
        plain, shared = (np.where(kept, part, 0) for part in (self.plain, self.shared))
        return Matrix(name, plain.reshape(shape), shared.reshape(shape), block)

    def head(self, limit: int) -> Subject:
        """The layer, or of a larger one the first filters and channels with ``limit`` weights:
        as many filters as fit, but at least 256, then as many channels.
        """
        outputs, channels = self.weights.shape[:2]
        if self.weights.size <= limit:
            return self
        outputs = min(outputs, max(1, limit // (self.places * channels), 256))
        channels = min(channels, max(1, limit // (self.places * outputs)))
        first = np.s_[:outputs, :channels]
        parts = (self.weights[first], self.plain[first], self.shared[first])
        return Subject(self.name, *parts, self.width, self.bits)


def _to_width(weights: NDArray[Any], width: int) -> NDArray[np.int64]:
    """Fixed point of ``width`` bits, where only zero is zero."""
    if weights.dtype.kind in "iu":
        return weights.astype(np.int64)
    values = quantize_fixed(weights, width)[0]
    lost = (values == 0) & (weights != 0)
    return np.where(lost, np.sign(weights).astype(np.int64), values)


def subject(name: str, weights: NDArray[Any], width: int, bits: int, seed: int = 0) -> Subject:
    """A layer from weights [K, C] or [K, C, R, S]: floats become ``width`` bits, integers keep
    their values (and need at most 32 bits). The codebook has ``2**bits`` entries, one of them 0.
    """
    if weights.ndim == 2:
        weights = weights[:, :, None, None]
    plain = _to_width(weights, width)
    if weights.dtype.kind in "iu":
        low, high = int(plain.min()), int(plain.max())
        width = 1 + max(1, max(high, 0).bit_length(), max(-low - 1, 0).bit_length())
        if width > 32:
            raise ValueError(f"weights: found integers of {width} bits, need at most 32")
    codes, centroids = codebook(weights, bits, seed)
    values = _to_width(centroids, width) if weights.dtype.kind == "f" else np.rint(centroids)
    lost = (values == 0) & (centroids != 0)
    values = np.where(lost, np.sign(centroids), values).astype(np.int64)
    return Subject(name, weights, plain, values[codes], width, bits)


def random_subject(shape: tuple[int, ...], width: int, bits: int, seed: int) -> Subject:
    """A layer of normally distributed weights [K, C, R, S]."""
    weights = np.random.default_rng(seed).normal(size=shape)
    kind = "fully connected" if shape[2:] == (1, 1) else f"conv {shape[2]}x{shape[3]}"
    return subject(f"random {kind}, {shape[1]} -> {shape[0]}", weights, width, bits, seed)


def run_cost(matrix: NDArray[np.int64], width: int, run: int) -> int:
    """Bits of run length with ``run``-bit runs, without encoding."""
    flat = np.flatnonzero(matrix)
    gaps = np.diff(flat, prepend=-1) - 1
    return int((gaps >> run).sum() + flat.size) * (width + run)


def _run_width(matrix: NDArray[np.int64], width: int) -> int:
    """The run width 1..16 that costs least, the smaller of equals."""
    return min(range(1, 17), key=lambda run: (run_cost(matrix, width, run), run))


def _csc(matrix: NDArray[np.int64], width: int) -> Format:
    """Pointers as wide as the entries need, placeholders among them."""
    wide = Csc(width, RUN_WIDTH, 32)
    return Csc(width, RUN_WIDTH, bits(wide.encode(matrix).count + 1))


def _bsr(matrix: NDArray[np.int64], width: int, block: tuple[int, int]) -> Format:
    count = Blockmap(width, *block).encode(matrix).count
    return Bsr(width, *block, bits(count + 1))


def _nm(matrix: NDArray[np.int64], width: int) -> Format:
    """N:4 with the smallest N."""
    rows, cols = matrix.shape
    padded = np.zeros((rows, -(-cols // GROUP) * GROUP), dtype=bool)
    padded[:, :cols] = matrix != 0
    most = int(padded.reshape(-1, GROUP).sum(axis=1).max(initial=0))
    return Nm(width, max(1, most), GROUP)


def _periodic(matrix: NDArray[np.int64], width: int, places: int) -> tuple[Format, NDArray[Any]]:
    """Rows are kernels; as many places a pattern as the largest has."""
    kernels = matrix.reshape(-1, places)
    sizes = Periodic(width, places).encode(kernels)["sizes"]
    return Periodic(width, max(1, int(sizes.max()))), kernels


def _huffman(width: int, run: int) -> Format:
    if width + run > MAX_SYMBOL_WIDTH:
        raise ValueError(f"a symbol has {width + run} bits, at most {MAX_SYMBOL_WIDTH}")
    return Huffman(width, run)


def _csr(matrix: NDArray[np.int64], width: int) -> Format:
    return Csr(width, bits(int(np.count_nonzero(matrix)) + 1))


def _best_rle(matrix: NDArray[np.int64], width: int) -> Format:
    return Rle(width, _run_width(matrix, width))


#: name -> format for (matrix, value width, block); more in ``SHARED``.
PLAIN: dict[str, Callable[[NDArray[np.int64], int, tuple[int, int]], Format] | None] = {
    "dense": lambda m, width, block: Dense(width),
    "bitmap": lambda m, width, block: Bitmap(width),
    "block bitmap": lambda m, width, block: Blockmap(width, *block),
    "run length": lambda m, width, block: Rle(width, RUN_WIDTH),
    "run length, best": lambda m, width, block: _best_rle(m, width),
    "CSC relative": lambda m, width, block: _csc(m, width),
    "CSR": lambda m, width, block: _csr(m, width),
    "COO": lambda m, width, block: Coo(width),
    "BSR": _bsr,
    "ELLPACK": lambda m, width, block: Ell(width),
    "N:4": lambda m, width, block: _nm(m, width),
    "periodic": None,  # its rows are kernels: see _choose
    "Huffman": lambda m, width, block: _huffman(width, 0),
    "Huffman runs": lambda m, width, block: _huffman(width, RUN_WIDTH),
}
#: codebook + name -> format of the codes
SHARED = (
    "dense",
    "bitmap",
    "block bitmap",
    "run length",
    "CSC relative",
    "CSR",
    "BSR",
    "N:4",
    "periodic",
    "Huffman",
    "Huffman runs",
)
PREFIX = "codebook + "
NAMES = (*PLAIN, *(PREFIX + name for name in SHARED))


def _encode(layer: Subject, matrix: Matrix, name: str) -> Encoded:
    """The layer in a format. ValueError where the format cannot hold it."""
    inner = name.removeprefix(PREFIX)
    if inner == name:
        fmt, data = _choose(layer, matrix, inner, matrix.plain, layer.width)
        return fmt.encode(data)
    # All codebook formats share the table and the codes: found once, not once for each.
    book, codes = matrix.coded(layer)
    fmt, data = _choose(layer, matrix, inner, codes, layer.bits)
    encoded = fmt.encode(data)
    arrays = {"codebooks": book, **encoded.arrays}
    return Encoded(Codebook(layer.width, fmt), encoded.shape, encoded.count, arrays)


def _choose(
    layer: Subject, matrix: Matrix, name: str, data: NDArray[np.int64], width: int
) -> tuple[Format, NDArray[np.int64]]:
    """The format with its parameters, and the matrix that it encodes: ``data`` or its kernels."""
    if name == "periodic":
        if layer.places == 1:
            raise ValueError("a kernel of one weight has no pattern")
        return _periodic(data, width, layer.places)
    make = PLAIN[name]
    if make is None:
        raise ValueError(f"{name}: no format of a matrix")
    return make(data, width, matrix.block), data


def parameters(fmt: Format) -> str:
    """The parameters of a format, for people.

    >>> parameters(Nm(8, 2, 4)), parameters(Codebook(8, Rle(4, 4)))
    ('2:4', '16 values, run 4 bits')
    """
    if isinstance(fmt, Codebook):
        return ", ".join(filter(None, (f"{1 << fmt.code_width} values", parameters(fmt.inner))))
    if isinstance(fmt, (Blockmap, Bsr)):
        return f"blocks {fmt.block_rows}x{fmt.block_cols}"
    if isinstance(fmt, Nm):
        return f"{fmt.group_n}:{fmt.group_m}"
    if isinstance(fmt, Periodic):
        return f"up to {fmt.kss} places"
    if isinstance(fmt, Csc):
        return f"run {fmt.idx_width} bits"
    run = getattr(fmt, "run_width", 0)
    return f"run {run} bits" if run else ""


def measure(layer: Subject, matrix: Matrix, name: str) -> Record:
    """Exact bits of one format, as a record for the tables.

    ``bits_per_weight`` is the total over all weights of the layer, zeros too; ``overhead`` all but
    ``values``. A format that cannot hold the layer has ``bits_per_weight`` None and a ``reason``.
    """
    record: Record = {
        "layer": layer.name,
        "granularity": matrix.granularity,
        "density": matrix.density,
        "format": name,
        "shared": name.startswith(PREFIX),
        "weights": matrix.plain.size,
        "width": layer.width,
        "bits_per_weight": None,
    }
    try:
        encoded = _encode(layer, matrix, name)
        size = encoded.format.size(encoded)
    except ValueError as error:
        return record | {"reason": str(error)}
    parts = {part: int(getattr(size, part)) for part in PARTS}
    return record | parts | {
        "parameters": parameters(encoded.format),
        "overhead": size.total - size.values,
        "total": size.total,
        "bits_per_weight": size.total / matrix.plain.size,
    }  # fmt: skip


def sweep_plan(layer: Subject, densities: tuple[float, ...]) -> list[tuple[Grain, float]]:
    """Granularities and densities of a sweep; no density past what a structure or the layer holds
    (the lowest of all excepted, so that there is one).
    """
    return [
        (grain, density)
        for grain in grains(layer.weights.shape)
        for density in densities
        if density <= min(grain.most, layer.most) or density == min(densities)
    ]


def sweep(layer: Subject, densities: tuple[float, ...] = DENSITIES) -> Iterator[list[Record]]:
    """Every format at every granularity and density: one list of records for each of the plan."""
    for grain, density in sweep_plan(layer, densities):
        matrix = layer.cut(grain, density)
        yield [measure(layer, matrix, name) | {"asked": density} for name in NAMES]
