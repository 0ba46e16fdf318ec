"""What papers claim about storage, with ours beside it and the difference explained.

Patterns are drawn at random at the densities named: the papers' weights are not public. Where a
paper leaves its definition open, the text of the table states ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.formats.base import Format, Size, bits
from models.formats.bitmap import Bitmap
from models.formats.blockmap import Blockmap
from models.formats.coo import Coo
from models.formats.csc import Csc
from models.formats.csr import Csr
from models.formats.nm import Nm
from models.formats.periodic import Periodic
from models.formats.rle import Rle
from models.pruning import mask, prune
from models.sps.config import SpsConfig
from models.sps.speedup import row as speedup
from models.workloads.sps import NETWORKS
from scripts.formats.study import RUN_WIDTH

WIDTH = 8
#: Storage over density in the granularity study (Mao et al. 2017): 8-bit weights, 4-bit index.
STUDY = {"fine": (1, 1.5), "vector": (3, 1.167), "kernel": (9, 1.056)}
STUDY_DENSITIES = (0.1, 0.3)
STUDY_SHAPE = (128, 128, 3, 3)

#: AlexNet: weights [K, C, R, S], density of the fine-grained net, block.
#: Densities: Deep Compression's, the convolutions' as SCNN's tables and the others as EIE's print
#: them; blocks: Cambricon-S, outputs first.
ALEXNET = {
    "conv1": ((96, 3, 11, 11), 0.84, (16, 1)),
    "conv2": ((256, 48, 5, 5), 0.379, (16, 1)),
    "conv3": ((384, 256, 3, 3), 0.346, (16, 1)),
    "conv4": ((384, 192, 3, 3), 0.372, (16, 1)),
    "conv5": ((256, 192, 3, 3), 0.369, (16, 1)),
    "fc6": ((4096, 9216, 1, 1), 0.09, (32, 32)),
    "fc7": ((4096, 4096, 1, 1), 0.09, (32, 32)),
    "fc8": ((1000, 4096, 1, 1), 0.25, (16, 16)),
}
PAPER_FINE_MB, PAPER_BLOCK_KB, PAPER_INDEX_RATIO = 2.95, 29.38, 102.82
#: A larger layer is drawn with so many weights; its index grows in proportion.
SAMPLE = 1 << 20

#: 3x3 layers of networks, channels in and out.
CHANNELS = {
    network: tuple((one.channels, one.filters) for one in layers.values())
    for network, layers in NETWORKS.items()
}
VGG16 = CHANNELS["vgg16"]
PAPER_TOTAL_RATIO, PAPER_PATTERN_RATIO = 3.67, 22044
KSS, PERIOD = 4, 32
PERIODS = (4, 8, 16, PERIOD)
#: Period whose storage is stated by network: half the side of the array that is evaluated.
STATED = 8
#: Bits of a position in a 3x3 kernel.
PLACE = bits(9)


@dataclass(frozen=True)
class Claim:
    """A table: what it is about, rows of text, and why ours differs. ``numbers``: the same as
    plain numbers, for ``formats.json``.
    """

    title: str
    text: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    why: str
    numbers: dict[str, float]


def index_bits(size: Size) -> int:
    """All that is not the values of non-zeros."""
    return size.total - size.values


def study_ratios(grain: str, density: float, seed: int) -> dict[str, float]:
    """Storage over density of one granularity, measured: bits / (density * weights * 8)."""
    weights = np.random.default_rng(seed).normal(size=STUDY_SHAPE)
    side = STUDY[grain][0]
    kept = mask(weights, density, grain).reshape(-1, side).any(axis=1)
    runs = Rle(1, RUN_WIDTH).encode(kept.astype(int)[None, :])
    grains = int(kept.sum())
    plain = grains * side * WIDTH
    matrix = np.repeat(kept, side).astype(int).reshape(len(weights), -1)
    fmt = Bitmap(WIDTH) if side == 1 else Blockmap(WIDTH, 1, side)
    return {
        "reached": grains * side / weights.size,
        "definition": grains * (side * WIDTH + RUN_WIDTH) / plain,
        "placeholders": runs.count * (side * WIDTH + RUN_WIDTH) / plain,
        "bitmap": fmt.size(fmt.encode(matrix)).total / plain,
    }


def study_claim(seed: int) -> Claim:
    """Storage ratios of the granularity study."""
    rows: list[tuple[str, ...]] = []
    numbers: dict[str, Any] = {}
    for grain, (side, paper) in STUDY.items():
        for density in STUDY_DENSITIES:
            ratios = study_ratios(grain, density, seed)
            rows.append(
                (
                    f"{grain}, {side} weight{'s' * (side > 1)}",
                    f"{100 * ratios['reached']:.1f} %",
                    f"x{paper:g}",
                    *(f"x{ratios[key]:.3f}" for key in ("definition", "placeholders", "bitmap")),
                )
            )
            numbers |= {f"{grain} {density:g} {key}": value for key, value in ratios.items()}
    return Claim(
        "Granularity study: storage over density",
        "Mao et al. 2017: bits stored over density times bits of the dense layer, 8-bit weights, "
        "4-bit index for each grain that stays. Ours: random "
        f"{STUDY_SHAPE[1]} -> {STUDY_SHAPE[0]}, 3x3.",
        ("grain", "density", "paper", "its definition", "placeholders counted", "(block) bitmap"),
        rows,
        "The paper's ratios are (8 g + 4) / (8 g) for grains of g weights, and measured so ours "
        "are the same. A 4-bit run reaches over 15 grains at most: longer gaps need placeholders "
        "(here a whole entry each), which the ratios leave out and which grow as the layer gets "
        "sparser. A bit for each grain instead costs 1 / (8 g d) at density d: less than a 4-bit "
        "index from 25 % up. Kernels other than 3x3 have other g, 1x1 kernels x1.5 throughout.",
        numbers,
    )


def fine_index(shape: tuple[int, ...], density: float, rng: np.random.Generator) -> dict[str, int]:
    """Bits of a 4-bit relative index of a layer, placeholders left out and counted."""
    weights = int(np.prod(shape))
    size = min(weights, SAMPLE)
    live = np.zeros(size, dtype=np.int64)
    live[rng.choice(size, round(density * size), replace=False)] = 1
    encoded = Rle(1, RUN_WIDTH).encode(live[None, :])
    real = int(live.sum())
    return {
        "real": round(real * RUN_WIDTH * weights / size),
        "all": round(encoded.count * RUN_WIDTH * weights / size),
    }


def block_bits(shape: tuple[int, ...], block: tuple[int, int]) -> int:
    """Bits of the mask of a block bitmap: one for each block; conv blocks lie on one place."""
    outputs, channels, rows, cols = shape
    return -(-outputs // block[0]) * -(-channels * rows * cols // block[1])


def block_claim(seed: int) -> Claim:
    """Index of block pruning on AlexNet's shapes."""
    rng = np.random.default_rng(seed)
    rows, sums = [], np.zeros(4)
    for layer, (shape, density, block) in ALEXNET.items():
        fine = fine_index(shape, density, rng)
        mine = [
            int(np.prod(shape)),
            fine["real"] / 8,
            fine["all"] / 8,
            block_bits(shape, block) / 8,
        ]
        sums += mine
        rows.append(
            (layer, f"{mine[0] / 1e6:.3f}", f"{100 * density:.1f} %", f"{mine[1] / 2**20:.3f}",
             f"{mine[2] / 2**20:.3f}", f"{block[0]}x{block[1]}", f"{mine[3] / 1024:.2f}", "")
        )  # fmt: skip
    weights, real, whole, blocks = sums
    rows.append(
        ("ours", f"{weights / 1e6:.3f}", "", f"{real / 2**20:.3f}", f"{whole / 2**20:.3f}", "",
         f"{blocks / 1024:.2f}", f"{real / blocks:.0f} ({whole / blocks:.0f})")
    )  # fmt: skip
    rows.append(
        ("paper", "", "", f"{PAPER_FINE_MB}", "", "", f"{PAPER_BLOCK_KB}", f"{PAPER_INDEX_RATIO}")
    )
    implied = PAPER_FINE_MB * 2**20 * 8 / RUN_WIDTH
    low = 1 - blocks / 1024 / PAPER_BLOCK_KB
    return Claim(
        "Block pruning: index of AlexNet",
        f"Zhou et al. 2018 (Cambricon-S): {PAPER_FINE_MB} MB of index fine-grained, "
        f"{PAPER_BLOCK_KB} KB with blocks of 16 outputs (conv), 32x32 (fc6, fc7) and 16x16 (fc8). "
        "What the index holds is not defined. "
        "Ours: fine-grained a 4-bit relative index for each weight that stays, at Deep "
        "Compression's densities (padded: placeholders counted, that ratio in brackets); blocks "
        "one bit each. MB and KB read as 2^20 and 2^10 bytes.",
        ("layer", "weights / 10^6", "density", "fine, MB", "padded, MB", "block",
         "blocks, KB", "ratio"),
        rows,
        f"One bit a block comes to {100 * low:.0f} % less than the paper's figure, whose "
        "accounting is open. "
        f"{PAPER_FINE_MB} MB of 4-bit indices name {implied / 1e6:.2f} million weights, "
        f"{100 * implied / weights:.1f} % of AlexNet; Deep Compression's keeps "
        f"{100 * real * 2 / weights:.1f} %, and placeholders come on top. "
        "Pointers and codebooks are not counted here.",
        {
            "fine": float(real),
            "fine with placeholders": float(whole),
            "blocks": float(blocks),
            "weights": float(weights),
        },
    )  # fmt: skip


def _coo(matrix: NDArray[np.int64]) -> Format:
    return Coo(WIDTH)


def _csr(matrix: NDArray[np.int64]) -> Format:
    return Csr(WIDTH, bits(int(np.count_nonzero(matrix)) + 1))


def _csc(matrix: NDArray[np.int64]) -> Format:
    # Kept weights are dense enough for placeholders to be few: pointers count all weights.
    return Csc(WIDTH, RUN_WIDTH, bits(matrix.size + 1))


OTHERS: dict[str, Callable[[NDArray[np.int64]], Format]] = {
    "COO": _coo,
    "CSR": _csr,
    "CSC relative, 4 bits": _csc,
    "run length, 4 bits": lambda matrix: Rle(WIDTH, RUN_WIDTH),
    "bitmap": lambda matrix: Bitmap(WIDTH),
    f"N:M, {KSS}:9 of a kernel": lambda matrix: Nm(WIDTH, KSS, 9),
}


def sizes(
    seed: int, shapes: tuple[tuple[int, int], ...], period: int = PERIOD
) -> dict[str, list[int]]:
    """Format -> [bits of values, bits of index] over all convolutions; "periodic" among them.

    All formats store the same layers, pruned to ``period`` patterns of ``KSS`` places.
    """
    rng = np.random.default_rng(seed)
    sums: dict[str, list[int]] = {}
    for inputs, outputs in shapes:
        weights = rng.integers(1, 128, (outputs, inputs, 3, 3))
        pruned = prune(weights, KSS / 9, "periodic", period=period, kss=KSS)
        matrix = pruned.reshape(outputs, -1)
        formats = {name: (make(matrix), matrix) for name, make in OTHERS.items()}
        formats["periodic"] = (Periodic(WIDTH, KSS), pruned.reshape(-1, 9))
        for name, (fmt, data) in formats.items():
            size = fmt.size(fmt.encode(data))
            before = sums.get(name, [0, 0])
            sums[name] = [before[0] + size.values, before[1] + index_bits(size)]
    return sums


def vgg_claim(seed: int, shapes: tuple[tuple[int, int], ...] = VGG16) -> Claim:
    """Periodic pattern against the other formats on VGG-16's convolutions."""
    sums = sizes(seed, shapes)
    values, patterns = sums["periodic"]
    live = values // WIDTH
    rows, numbers = [], {"non-zeros": float(live)}
    for name, (_, index) in sums.items():
        total, own = values + index, values + patterns
        numbers |= {f"{name} index": index, f"{name} total ratio": total / own}
        rows.append(
            (name, f"{index / live:.4g}", f"{index / 8 / 2**20:.4g}", f"{total / 8 / 2**20:.3f}",
             f"x{total / own:.2f}", f"x{index / patterns:,.0f}")
        )  # fmt: skip
    rows.append(
        ("paper", "", "", "", f"x{PAPER_TOTAL_RATIO}", f"x{PAPER_PATTERN_RATIO:,}")
    )  # fmt: skip
    coo = sums["COO"][1]
    fits = coo / PAPER_PATTERN_RATIO / (len(shapes) * KSS * 4)
    numbers["period that gives the paper's index ratio"] = fits
    return Claim(
        "Periodic pattern against other formats: VGG-16's convolutions",
        f"Heo et al. 2022 (SPS): {PAPER_TOTAL_RATIO} times less storage in total and "
        f"{PAPER_PATTERN_RATIO:,} times less index than other formats; which format, period, "
        f"places and widths are not public. Ours: {len(shapes)} layers of 3x3 kernels, {KSS} of 9 "
        f"weights kept, {PERIOD} patterns a layer, {WIDTH}-bit weights, every format storing the "
        "same layers. Ratio: over periodic.",
        ("format", "index bits / non-zero", "index, MB", "total, MB", "total ratio",
         "index ratio"),
        rows,
        "The total ratio hardly depends on the patterns: their index is next to nothing, so it is "
        "(8 + index) / 8. COO, with coordinates as narrow as each layer allows, comes out at "
        f"x{numbers['COO total ratio']:.2f}, next to the paper's {PAPER_TOTAL_RATIO}, and its "
        f"index would be {PAPER_PATTERN_RATIO:,} times ours at {fits:.0f} patterns of {KSS} "
        "places a layer. That is the simplest reading, not confirmed. Against a bitmap it "
        f"is x{numbers['bitmap total ratio']:.2f} in total, against 4-bit runs "
        f"x{numbers['run length, 4 bits total ratio']:.2f}.",
        numbers,
    )  # fmt: skip


def coo_index(shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """(non-zeros, bits of their coordinates) of layers with ``KSS`` weights in each 3x3 kernel, the
    coordinates in a matrix [K, C*9] as narrow as each layer allows.
    """
    live = [inputs * outputs * KSS for inputs, outputs in shapes]
    each = [bits(outputs) + bits(9 * inputs) for inputs, outputs in shapes]
    return sum(live), sum(a * b for a, b in zip(live, each, strict=True))


def period_claim(seed: int, networks: dict[str, tuple[tuple[int, int], ...]] = CHANNELS) -> Claim:
    """Periodic pattern by network and period, and what the period costs an array."""
    rows: list[tuple[str, ...]] = []
    numbers: dict[str, float] = {}
    for network, shapes in networks.items():
        live, coo = coo_index(shapes)
        for period in PERIODS:
            tables = len(shapes) * period * KSS * PLACE
            ratio = (live * WIDTH + coo) / (live * WIDTH + tables)
            gain = _gain(network, period, seed)
            rows.append(
                (network, f"{period}", f"{coo / live:.2f}", f"{tables / len(shapes):.0f}",
                 f"x{ratio:.2f}", f"x{coo / tables:,.0f}", f"x{gain:.2f}" if gain else "none")
            )  # fmt: skip
            numbers |= {
                f"{network} {period} total ratio": ratio,
                f"{network} {period} index ratio": coo / tables,
                f"{network} {period} speed-up": gain,
            }
        fits = coo / PAPER_PATTERN_RATIO / (len(shapes) * KSS * PLACE)
        numbers[f"{network} period of the paper's index ratio"] = fits
        rows.append((network, f"{fits:.1f}", "", "", "", f"x{PAPER_PATTERN_RATIO:,}", ""))
    rows.append(("paper", "", "", "", f"x{PAPER_TOTAL_RATIO}", f"x{PAPER_PATTERN_RATIO:,}", ""))
    most = SpsConfig().max_period
    return Claim(
        "Periodic pattern: by network and period",
        f"Definition: {KSS} of 9 weights kept in every 3x3 kernel, {WIDTH}-bit weights. Total: "
        "weights and index of COO, coordinates of output and of channel and place as narrow as "
        f"each layer allows, over weights and patterns. Index: coordinates over P x {KSS} places "
        f"of {PLACE} bits a layer, without the field that says P. Array: 16 x 16 of SPS over the "
        f"dense one, cycles by the model; it holds up to {most} patterns.",
        ("network", "P", "COO, bits / non-zero", "patterns, bits / layer", "total ratio",
         "index ratio", "array"),
        rows,
        f"The total ratio does not depend on the period. Up to {most} patterns the index ratio is "
        "above the paper's on every network; where it would be the paper's stands "
        "behind each network. A long period costs an array: the outputs of a tile must have one "
        "residue, so layers with fewer outputs than P tiles leave columns empty or take patterns "
        "together.",
        numbers,
    )  # fmt: skip


def network_claim(seed: int, networks: dict[str, tuple[tuple[int, int], ...]] = CHANNELS) -> Claim:
    """Every format by network, at a period that the array holds."""
    rows: list[tuple[str, ...]] = []
    numbers: dict[str, float] = {}
    for network, shapes in networks.items():
        sums = sizes(seed, shapes, STATED)
        values, patterns = sums.pop("periodic")
        for name, (_, index) in sums.items():
            total, ratio = (values + index) / (values + patterns), index / patterns
            rows.append(
                (network, name, f"{index * WIDTH / values:.2f}", f"x{total:.2f}", f"x{ratio:,.0f}")
            )
            numbers |= {f"{network} {name} total": total, f"{network} {name} index": ratio}
    rows.append(("paper", "", "", f"x{PAPER_TOTAL_RATIO}", f"x{PAPER_PATTERN_RATIO:,}"))
    return Claim(
        f"Periodic pattern: every format by network, P {STATED}",
        f"3x3 layers, {KSS} of 9 weights kept in every kernel, {STATED} patterns a layer, "
        f"{WIDTH}-bit weights; every format stores the same weights. Over the weights and the "
        "patterns, what says P and the sizes of the patterns included.",
        ("network", "format", "index bits / non-zero", "total ratio", "index ratio"),
        rows,
        "The paper does not say which formats it means. COO is the only one whose total ratio is "
        "near its figure.",
        numbers,
    )


def _gain(network: str, period: int, seed: int) -> float:
    """Speed-up of the array, 0 for more patterns than it holds."""
    if period > SpsConfig().max_period or network not in NETWORKS:
        return 0.0
    return speedup(network, "kss4", period, seed=seed).speedup


CLAIMS = (study_claim, block_claim, vgg_claim, period_claim, network_claim)


def claims(seed: int, notify: Callable[[str], None] = lambda title: None) -> list[Claim]:
    """All tables; ``notify`` hears the name of each before it is made."""
    made = []
    for make in CLAIMS:
        notify((make.__doc__ or "").splitlines()[0].rstrip("."))
        made.append(make(seed))
    return made
