"""Which blocks of a layer stay: a bit for each block, and what follows from it.

A block is (outputs, channels) at one place of the kernel. Blocks are numbered output group by
output group; within a group place by place of the kernel (r, s), within a place channels upwards::

    bit                    group 0                      |          group 1        | ...
         place (0,0)          place (0,1)        ...    |  place (0,0) ...
         channels 0.. 1 2 .. | 0.. 1 2 ..        ...    |

Packed into words the index is bit ``i % W`` of word ``i // W`` for block ``i``, lowest bit first.
Blocks at the end of K or C may be cut off; none crosses a place of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.formats.bits import fields, pack, unpack

Bools = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)
Block = tuple[int, int]
Shape4 = tuple[int, int, int, int]


def to_matrix(weights: NDArray[Scalar]) -> NDArray[Scalar]:
    """[K, C, R, S] or [K, C] in the reduction order: [K, R*S*C], channels innermost.

    >>> to_matrix(np.arange(8).reshape(1, 2, 2, 2)).tolist()
    [[0, 4, 1, 5, 2, 6, 3, 7]]
    """
    if weights.ndim == 2:
        return weights
    if weights.ndim != 4:
        raise ValueError(f"weights: found shape {weights.shape}, need [K, C] or [K, C, R, S]")
    return weights.transpose(0, 2, 3, 1).reshape(len(weights), int(np.prod(weights.shape[1:])))


def from_matrix(matrix: NDArray[Scalar], shape: Shape4) -> NDArray[Scalar]:
    """The inverse of ``to_matrix``: [K, C, R, S]."""
    outputs, channels, rows, cols = shape
    return matrix.reshape(outputs, rows, cols, channels).transpose(0, 3, 1, 2)


@dataclass(frozen=True, eq=False)
class BlockIndex:
    """Blocks that stay of a layer.

    shape   (K, C, R, S)
    block   (outputs, channels)
    kept    bool [ceil(K / outputs), R*S, ceil(C / channels)]
    """

    shape: Shape4
    block: Block
    kept: Bools

    def __post_init__(self) -> None:
        if len(self.block) != 2 or min(self.block) < 1:
            raise ValueError(f"block: found {self.block}, need two sides from 1")
        if self.kept.shape != self.grid(self.shape, self.block):
            need = self.grid(self.shape, self.block)
            raise ValueError(f"kept: found shape {self.kept.shape}, need {need}")

    @staticmethod
    def grid(shape: Shape4, block: Block) -> tuple[int, int, int]:
        """Output groups, places of the kernel, blocks along the channels."""
        outputs, channels, rows, cols = shape
        return -(-outputs // block[0]), rows * cols, -(-channels // block[1])

    @classmethod
    def from_mask(cls, mask: Bools, block: Block) -> BlockIndex:
        """From which weights stay, bool [K, C, R, S] or [K, C].

        Raises ValueError where a block stays in part; the message names the first.
        """
        full = mask if mask.ndim == 4 else mask[:, :, None, None]
        outputs, channels, rows, cols = full.shape
        groups, places, parts = cls.grid(full.shape, block)
        padded = np.zeros((groups * block[0], places, parts * block[1]), dtype=bool)
        inside = padded.copy()
        padded[:outputs, :, :channels] = to_matrix(full).reshape(outputs, places, channels)
        inside[:outputs, :, :channels] = True
        cut = (groups, block[0], places, parts, block[1])
        kept: Bools = np.asarray(padded.reshape(cut).any(axis=(1, 4)))
        holes = kept[:, None, :, :, None] & inside.reshape(cut) & ~padded.reshape(cut)
        if holes.any():
            first = int(np.argmax(holes.any(axis=(1, 4)).ravel()))
            raise ValueError(f"mask: block {first} of {block[0]} x {block[1]} stays in part")
        return cls((outputs, channels, rows, cols), block, kept)

    @property
    def bits(self) -> int:
        """Bits of the index: one for each block."""
        return self.kept.size

    def matrix(self) -> Bools:
        """Which weights stay, in the reduction order: bool [K, R*S*C]."""
        outputs, channels = self.shape[:2]
        full = self.kept.repeat(self.block[0], axis=0).repeat(self.block[1], axis=2)
        return full[:outputs, :, :channels].reshape(outputs, -1)

    def mask(self) -> Bools:
        """Which weights stay: bool [K, C, R, S]."""
        return from_matrix(self.matrix(), self.shape)

    def inputs(self, group: int) -> NDArray[np.int64]:
        """Columns of the reduction order that stay for an output group, ascending: int64 [n].

        >>> index = BlockIndex((2, 4, 1, 1), (2, 2), np.array([[[False, True]]]))
        >>> index.inputs(0).tolist()
        [2, 3]
        """
        row = group * self.block[0]
        return np.flatnonzero(self.matrix()[row])

    def order(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(rows, columns) int64 [n] of the weights that stay, in the order they are stored.

        Block by block as the bits are numbered; in a block input by input, outputs innermost: the
        codes that one input needs of all the outputs of a block lie together.
        """
        rows, cols = np.nonzero(self.matrix())
        place, channel = np.divmod(cols, max(self.shape[1], 1))
        keys = (rows, channel, channel // self.block[1], place, rows // self.block[0])
        order = np.lexsort(keys)
        return rows[order], cols[order]

    def words(self, word_width: int = 64) -> NDArray[np.uint8]:
        """The bits in words: uint8 [words, word_width // 8], little-endian."""
        return pack(*fields(self.kept, 1), word_width)

    @classmethod
    def from_words(cls, words: NDArray[np.uint8], shape: Shape4, block: Block) -> BlockIndex:
        """What ``words`` packed; ValueError where there are too few words."""
        grid = cls.grid(shape, block)
        kept = unpack(words, np.ones(int(np.prod(grid)), dtype=np.int64))
        return cls(shape, block, kept.astype(bool).reshape(grid))
