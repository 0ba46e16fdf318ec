"""Fully connected layers of BERT-base: its three shapes, batches of tokens, three structures.

Every block of BERT-base (Devlin et al., NAACL 2019) has four layers 768 x 768 (query, key, value,
output), one 768 x 3072 and one 3072 x 768. Weights are drawn at random: fine and block at the
density of ``DENSITY``, 2:4 at one half. Activations are dense and of both signs: there is no ReLU
in front of any of them (layer normalisation, softmax times values, GELU).

>>> bert_layer("768x3072-fine-b16").weights.shape
(3072, 768, 1, 1)
"""

from __future__ import annotations

import numpy as np

from models.fixed import fitting_shift
from models.golden import accumulate
from models.layer import Layer
from models.names import unknown
from models.workloads.structures import activations, structured

#: Inputs, outputs.
SHAPES = ((768, 768), (768, 3072), (3072, 768))
#: Layers of each shape in a block of the network.
IN_A_BLOCK = {(768, 768): 4, (768, 3072): 1, (3072, 768): 1}
#: Tokens at a time.
BATCHES = (1, 16, 128)
#: Structure -> share of the weights that stays.
DENSITY = {"fine": 0.2, "block": 0.2, "2:4": 0.5}
#: Name -> inputs, outputs, structure, tokens.
LAYERS: dict[str, tuple[int, int, str, int]] = {
    f"{inputs}x{outputs}-{structure.replace(':', '_')}-b{tokens}": (
        inputs,
        outputs,
        structure,
        tokens,
    )
    for inputs, outputs in SHAPES
    for structure in DENSITY
    for tokens in BATCHES
}


def bert_layer(name: str, seed: int = 1) -> Layer:
    """A layer by its name in ``LAYERS``; ValueError on an unknown one. No ReLU."""
    if name not in LAYERS:
        raise ValueError(unknown("layer", name, LAYERS))
    inputs, outputs, structure, tokens = LAYERS[name]
    draw = np.random.default_rng([seed, list(LAYERS).index(name)])
    weights = structured((outputs, inputs, 1, 1), DENSITY[structure], structure, draw)
    acts = activations((tokens, inputs, 1, 1), 1.0, draw, signed=True)
    layer = Layer(weights, acts, relu=False, name=f"bert/{name}")
    shift = fitting_shift(accumulate(layer), relu=False)
    return Layer(weights, acts, shift=shift, relu=False, name=f"bert/{name}")
