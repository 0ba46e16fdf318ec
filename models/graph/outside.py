"""Operators without an integer model: computed in float by onnx's reference implementation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.graph.file import Node


def evaluate(
    node: Node, inputs: Sequence[NDArray[Any] | None], opsets: Mapping[str, int]
) -> list[NDArray[Any]]:
    """Outputs of one operator. Raises whatever the reference does where it cannot.

    inputs   arrays in the order of the node's, None where one is left out
    """
    from onnx import helper, numpy_helper
    from onnx.reference import ReferenceEvaluator

    attributes = {
        key: numpy_helper.from_array(one) if isinstance(one, np.ndarray) else one
        for key, one in node.attributes.items()
    }
    proto = helper.make_node(
        node.op, node.inputs, node.outputs, node.name, domain=node.domain, **attributes
    )
    given = {
        name: array
        for name, array in zip(node.inputs, inputs, strict=True)
        if name and array is not None
    }
    known = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(one.dtype), one.shape)
        for name, one in given.items()
    ]
    wanted = [helper.make_empty_tensor_value_info(name) for name in node.outputs if name]
    graph = helper.make_graph([proto], "one", known, wanted)
    versions = [helper.make_opsetid(name, number) for name, number in opsets.items()]
    model = helper.make_model(graph, opset_imports=versions or None)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = ReferenceEvaluator(model).run(None, given)
    return [np.asarray(one) for one in found]
