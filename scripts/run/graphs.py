"""``NET=model.onnx``, or a fetched one: its layers as a job, and what is said beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.graph.compare import agreement, reference
from models.graph.network import Network
from models.graph.problem import Wanted
from models.graph.run import Passed, Step
from models.names import unknown
from models.npz import shown
from models.workloads.fetched import GRAPHS
from models.workloads.given import read_inputs
from scripts.measure.jobs import LayerJob

SUFFIX = ".onnx"


def is_graph(net: str | None) -> bool:
    """Whether ``NET=`` is a file, or a network that comes as one.

    >>> is_graph("mobilenet.onnx"), is_graph("mobilenet_v3"), is_graph("lenet_5"), is_graph(None)
    (True, True, False, False)
    """
    return net is not None and (net in GRAPHS or net.lower().endswith(SUFFIX))


def graph_job(
    net: str,
    wanted: Wanted,
    picks: Sequence[str] = (),
    given: Path | None = None,
    seed: int = 1,
) -> LayerJob:
    """The layers of a network, each on the inputs that it has there.

    net      a file, or a name of ``GRAPHS``
    picks    names of the layers to run, none or ("all",): all
    given    file of the network's inputs; None: those of a fetched network, or drawn by ``seed``
    Raises ValueError, in one line.
    """
    fetched = GRAPHS.get(net)
    path = fetched.path() if fetched else Path(net)
    network = Network.load(path)
    drawn = given is None and fetched is None
    if drawn:
        inputs = network.drawn(seed)
    else:
        arrays = fetched.inputs() if fetched and given is None else read_inputs(Path(str(given)))
        inputs = network.named(arrays)
    passed = network.run(inputs, wanted)
    notes = [fetched.note] if fetched and given is None else []
    notes += passed.notes
    if drawn:
        notes.append(f"inputs: none given, so drawn (seed {seed}); INPUT=file.npz gives yours")
    else:
        notes += compared(path, inputs, passed)
    if wanted.density is not None or wanted.group is not None:
        notes.append("weights pruned and not trained again: say nothing about accuracy")
    layers = [one.layer for one in chosen(passed.steps, picks)]
    return LayerJob(net if fetched else path.name, layers, notes)


def chosen(steps: Sequence[Step], picks: Sequence[str]) -> list[Step]:
    """The steps by name of their layer or node; ValueError with the known ones otherwise."""
    if not picks or tuple(picks) == ("all",):
        return list(steps)
    found = [
        [one for one in steps if name in (one.node, one.layer.name.partition(".part")[0])]
        for name in picks
    ]
    for name, some in zip(picks, found, strict=True):
        if not some:
            raise ValueError(unknown("layers", name, [one.layer.name for one in steps]))
    wanted = {id(one) for some in found for one in some}
    return [one for one in steps if id(one) in wanted]


def compared(path: Path, inputs: Mapping[str, NDArray[Any]], passed: Passed) -> list[str]:
    """The integer network beside onnxruntime, a line for each output."""
    try:
        wanted = reference(path, inputs)
        return [str(one) for one in agreement(passed.outputs, wanted)]
    except Exception as error:  # the library's, which cannot run every network either
        return [f"onnxruntime cannot be compared: {shown(' '.join(str(error).split()), 160)}"]
