"""Coarse-grained compression after Cambricon-S: blocks, an index of them, shared codes, Huffman.

    index.py     which blocks stay: mask of the weights <-> a bit for each block
    regions.py   local quantization: a codebook for each region of the weights
    store.py     a layer as it is stored: index, codebooks, codes; its bits, its stream and back

Weights are [K, C, R, S] (fully connected: R = S = 1). They are stored in the *reduction order*: a
matrix [K, R*S*C], place of the kernel first and channels innermost, so that a block of neighbouring
channels at one place is one of neighbouring columns.

Source: Zhou et al., "Cambricon-S", MICRO 2018. Its public descriptions leave open how regions are
cut, how its index is accounted for and how long a Huffman code may be; what is chosen here, the
docstrings say.
"""

from models.coarse.index import BlockIndex, from_matrix, to_matrix
from models.coarse.regions import Regions, local_codes
from models.coarse.store import Parts, StoredLayer, read, store

__all__ = [
    "BlockIndex",
    "Parts",
    "Regions",
    "StoredLayer",
    "from_matrix",
    "local_codes",
    "read",
    "store",
    "to_matrix",
]
