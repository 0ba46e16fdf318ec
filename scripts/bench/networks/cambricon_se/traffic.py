"""Bits that a layer moves to and from memory, plain and compressed."""

from __future__ import annotations

from dataclasses import replace

from models.cambricon_se.compiler import compile
from models.cambricon_se.config import CambriconSeConfig
from models.layer import Layer
from models.program import Program, stream_words, weights_once

#: Bits of a word of a stream, of a weight or an activation that is not compressed.
WORD, VALUE = 64, 16


def of_layer(layer: Layer, program: Program, config: CambriconSeConfig) -> dict[str, int]:
    """Bits by stream, as often as the passes load them.

    act, out       as the program has them; act_packed, out_packed: without their zeros
    wgt            lists, codes, codebooks and biases as the program has them; wgt_huffman: with
                   codes that are Huffman-coded
    wgt_plain      16 bits for every weight of the layer, as often
    """
    words = stream_words(program.passes)
    options = replace(config, packed_in=True, packed_out=True, huffman=True)
    packed = stream_words(compile(layer, options).passes)
    once = sum(packet.size for packet in weights_once(program))
    return {
        "act": WORD * words["act"],
        "act_packed": WORD * packed["act"],
        "out": WORD * words["out"],
        "out_packed": WORD * packed["out"],
        "wgt": WORD * words["wgt"],
        "wgt_huffman": WORD * packed["wgt"],
        "wgt_plain": round(VALUE * layer.weights.size * words["wgt"] / once),
    }
