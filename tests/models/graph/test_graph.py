"""ONNX networks: blocks of real ones against onnxruntime, named operators, damaged files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from models.files.errors import FileError
from models.golden import golden
from models.graph import glue
from models.graph.compare import agreement, reference
from models.graph.network import Network
from models.graph.problem import Wanted
from models.graph.value import Steps, Value
from models.workloads.scales import Widths
from scripts.measure.engine import Engine
from scripts.run import cli
from scripts.run.graphs import chosen, graph_job
from tests.models.graph.nets import NETS, Builder, mobilenet, quantized, resnet
from tests.models.npz_fuzz import DAMAGE

#: Largest difference over the peak that 16-bit integers may make.
FLOAT = ("mobilenet", "resnet", "basic", "bottleneck", "transformer", "sequence")
LAYERS = {"mobilenet": 8, "resnet": 7, "basic": 6, "bottleneck": 8, "transformer": 6}
LAYERS |= {"sequence": 2}


@pytest.fixture
def put(tmp_path):
    """Saves a model and gives its path."""

    def write(model: onnx.ModelProto | bytes) -> Path:
        path = tmp_path / "net.onnx"
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        return path

    return write


@pytest.mark.parametrize("name", FLOAT)
def test_blocks_answer_as_onnxruntime(put, name):
    path = put(NETS[name]())
    network = Network.load(path)
    inputs = network.drawn(1)
    passed = network.run(inputs)
    (one,) = agreement(passed.outputs, reference(path, inputs))
    assert one.same == one.count > 0
    assert one.difference < 1e-3, one
    assert len(passed.steps) == LAYERS[name]
    assert passed.missing == []
    assert bool(passed.outside) == (name == "transformer")
    for step in passed.steps:  # what runs elsewhere is what the network went on with
        assert np.array_equal(golden(step.layer), step.outputs)


@pytest.mark.parametrize("name", ["qdq", "qdq_tensor", "qoperator"])
def test_quantized_networks_keep_their_integers(put, name):
    path = put(NETS[name]())
    network = Network.load(path)
    inputs = network.drawn(1)
    passed = network.run(inputs)
    (one,) = agreement(passed.outputs, reference(path, inputs))
    assert one.same == one.count
    assert one.difference < 1e-3, one
    first = passed.steps[0].layer
    assert np.abs(first.weights).max() <= 128 and np.abs(first.inputs).max() <= 255
    assert passed.outside == {} and passed.missing == []


@pytest.mark.parametrize("name", ["qdq", "qdq_tensor", "qoperator"])
def test_every_quantized_tensor_is_that_of_onnxruntime(put, name):
    """Inside of the network, number by number, where onnxruntime fuses nothing; its own operator of
    a sum may be one step off."""
    model = NETS[name]()
    kinds = ("QuantizeLinear", "QLinearConv", "QLinearAdd")
    nodes = [node for node in model.graph.node if node.op_type in kinds]
    for node in nodes:
        shown = helper.make_tensor_value_info(node.output[0], TensorProto.UINT8, None)
        model.graph.output.append(shown)
    path = put(model)
    network = Network.load(path)
    inputs = network.drawn(1)
    found, wanted = network.run(inputs).outputs, reference(path, inputs, literal=True)
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    for node in nodes:
        at = 1 if node.op_type == "QuantizeLinear" else 6
        scale, zero = (constants[one].item() for one in node.input[at : at + 2])
        numbers = np.rint(found[node.output[0]] / scale) + zero
        wrong = numbers != wanted[node.output[0]]
        assert numbers.size > 500
        fused = name == "qoperator" and (node.op_type == "QLinearAdd" or node is nodes[-1])
        assert wrong.mean() < (0.05 if fused else 1e-9), node.name


@pytest.mark.parametrize("name", ["basic_qdq", "bottleneck_qdq", "transformer_qdq"])
def test_stored_blocks_are_those_of_onnxruntime(put, name):
    """Every quantized tensor number by number, where onnxruntime fuses nothing; behind operators
    without an integer model, up to three steps."""
    model = NETS[name]()
    nodes = [node for node in model.graph.node if node.op_type == "QuantizeLinear"]
    for node in nodes:
        shown = helper.make_tensor_value_info(node.output[0], TensorProto.UINT8, None)
        model.graph.output.append(shown)
    path = put(model)
    network = Network.load(path)
    inputs = network.drawn(1)
    passed, wanted = network.run(inputs), reference(path, inputs, literal=True)
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    exact = 0
    for node in nodes:
        scale, zero = (constants[one].item() for one in node.input[1:3])
        numbers = np.rint(passed.outputs[node.output[0]] / scale) + zero
        off = np.abs(numbers - wanted[node.output[0]])
        assert np.unique(numbers).size > 30
        assert off.max() <= (3 if name == "transformer_qdq" else 0), node.name
        exact += not off.any()
    assert exact >= (2 if name == "transformer_qdq" else len(nodes)) and len(nodes) >= 8
    assert passed.missing == []
    named = {"LayerNormalization", "MatMul", "Softmax", "Mul", "Erf"}
    assert set(passed.outside) == (named if name == "transformer_qdq" else set())
    for kind in passed.outside:
        assert any(f"operator {kind}: no integer model" in line for line in passed.notes)
    for step in passed.steps:
        assert np.array_equal(golden(step.layer), step.outputs)


def test_both_forms_of_a_quantized_network_are_one(put):
    """The same first layer, weight by weight and bias by bias."""
    made = [Network.load(put(quantized(one))) for one in (False, True)]
    first = [one.run(one.drawn(1)).steps[0].layer for one in made]
    assert np.array_equal(first[0].weights, first[1].weights)
    assert np.array_equal(first[0].bias, first[1].bias)
    assert np.array_equal(first[0].inputs, first[1].inputs)


def test_results_of_somebody_else_go_on(put):
    """``compute`` is asked for every layer, and what it gives is what the next ones see."""
    network = Network.load(put(mobilenet()))
    asked = []

    def zeros(layer):
        asked.append(layer.name)
        return np.zeros(layer.out_shape, np.int64)

    passed = network.run(network.drawn(1), compute=zeros)
    assert len(asked) == 8
    assert not passed.steps[1].layer.inputs.any()


def test_narrow_builds(put):
    network = Network.load(put(resnet()))
    passed = network.run(network.drawn(1), Wanted(Widths(8, 8, 24, 16)))
    for step in passed.steps:
        assert np.abs(step.layer.weights).max() < 128
        assert np.abs(step.layer.inputs).max() < 128
        assert np.abs(step.outputs).max() < 128


def test_pruning_and_codebooks(put):
    network = Network.load(put(resnet()))
    for step in network.run(network.drawn(1), Wanted(density=0.25)).steps:
        assert np.isclose(step.layer.weight_density, 0.25, atol=0.02)
    for step in network.run(network.drawn(1), Wanted(bits=4)).steps:
        assert np.unique(step.layer.weights).size <= 16


def test_an_operator_that_nobody_knows_is_named(put):
    """What is behind it is named too; the layers before it run."""
    net = Builder((1, 3, 8, 8))
    x = net.conv("x", 4, 3)
    x = net.op("Mystery", x, domain="example", name="strange")
    passed = (network := Network.load(put(net.model(net.conv(x, 4, 4))))).run(network.drawn(1))
    assert [one.layer.name for one in passed.steps] == ["conv0"]
    assert len(passed.missing) == 2
    assert "node strange (Mystery) is missing: " in passed.missing[0]
    assert "node conv2 (Conv) is missing: no strange_y" in passed.missing[1]
    assert all("\n" not in line for line in passed.notes)


def test_layers_by_name(put):
    network = Network.load(put(mobilenet()))
    steps = network.run(network.drawn(1)).steps
    assert [one.layer.name for one in chosen(steps, ["conv4", "conv0"])] == ["conv0", "conv4"]
    assert len(chosen(steps, ["all"])) == len(chosen(steps, [])) == 8
    with pytest.raises(ValueError, match="layers: found 'conv5', .*conv4"):
        chosen(steps, ["conv5"])


def test_a_job(put, tmp_path):
    path = put(mobilenet())
    np.savez(tmp_path / "in.npz", x=np.random.default_rng(1).normal(size=(2, 3, 20, 18)))
    job = graph_job(str(path), Wanted(), ["conv0"], tmp_path / "in.npz")
    assert [one.name for one in job.layers] == ["conv0"]
    assert any("top-1 as onnxruntime on 2 of 2 samples" in note for note in job.notes)
    drawn = graph_job(str(path), Wanted(density=0.5))
    assert any("INPUT=" in note for note in drawn.notes)
    assert any("not trained again" in note for note in drawn.notes)
    np.savez(tmp_path / "bad.npz", x=np.ones((2, 3, 20)))
    with pytest.raises(ValueError, match=r"input: found float64 \[2, 3, 20\] for x, need numbers"):
        graph_job(str(path), Wanted(), (), tmp_path / "bad.npz")


def test_every_block_compiles(put):
    """The layers of the blocks fit a build whose geometry they have."""
    engine = Engine("dense", None)
    config = engine.model.config()
    for name in FLOAT:
        network = Network.load(put(NETS[name]()))
        for step in network.run(network.drawn(1)).steps:
            if step.layer.plain:
                assert engine.model.compile(step.layer, config).passes


# ---------------------------------------------------------------- glue


def test_sums_are_exact():
    one, two = Value(np.array([5, -3]), 2.0**-3), Value(np.array([1, 7]), 2.0**-5)
    assert glue.add([one, two], 16, None).real.tolist() == (one.real + two.real).tolist()
    steps = Steps(0.1, -128, 127)
    assert glue.add([one, two], 16, steps).numbers.tolist() == [7, -2]


@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 0, 2, 1]])
@pytest.mark.parametrize("ceil", [0, 1])
@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool"])
def test_pools(put, pads, ceil, kind):
    """Against onnxruntime, padding, strides and ceil_mode."""
    net = Builder((2, 3, 9, 8))
    x = net.conv("x", 3, 3, 1)
    sizes = {"kernel_shape": [3, 3], "strides": [2, 3], "pads": pads, "ceil_mode": ceil}
    path = put(net.model(net.op(kind, x, **sizes)))
    network = Network.load(path)
    inputs = network.drawn(2)
    passed = network.run(inputs)
    (one,) = agreement(passed.outputs, reference(path, inputs))
    assert one.difference < 1e-3
    assert not passed.outside


# ---------------------------------------------------------------- refusals

EMPTY = helper.make_model(helper.make_graph([], "none", [], []))


def _free() -> onnx.ModelProto:
    net = Builder(("n", 3, "h", 8))
    return net.model(net.conv("x", 4, 3))


def _no_layer() -> onnx.ModelProto:
    net = Builder((1, 3, 8, 8))
    return net.model(net.op("Relu", "x"))


REFUSED = {
    "empty": (lambda: EMPTY, "file: found no operators"),
    "free axes": (_free, r"input: found x of shape \[1, 3, '\?', 8\], need INPUT="),
    "no layer": (_no_layer, "net: found no layer that can run in net.onnx: no Conv, Gemm"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(put, name, capsys):
    make, message = REFUSED[name]
    path = put(make())
    with pytest.raises(ValueError, match=message):
        graph_job(str(path), Wanted())
    assert cli.main(["--net", str(path), "--design=dense"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_no_file():
    with pytest.raises(FileError, match="file: found nothing at /nowhere.onnx"):
        Network.load("/nowhere.onnx")


def tiny() -> onnx.ModelProto:
    """Every kind of operator in few bytes."""
    net = Builder((1, 2, 6, 6))
    x = net.op("Relu", net.norm(net.conv("x", 2, 2, pads=[1] * 4), 2))
    x = net.op("MaxPool", net.op("Add", x, "x"), kernel_shape=[2, 2], strides=[2, 2])
    x = net.op("Reshape", x, net.constant(np.array([1, -1])))
    x = net.linear(net.op("Concat", x, x, axis=1), 3, 36)
    return net.model(net.op("Softmax", x))


COUNT = 1000


@pytest.mark.parametrize("source", ["tiny", "qoperator"])
def test_damaged_files_run_or_give_one_line(put, source):
    good = (tiny() if source == "tiny" else quantized(True)).SerializeToString()
    draw = np.random.default_rng(7)
    plain = [one for one in DAMAGE if one.__name__ not in ("_field", "_swap")]
    refused = 0
    for number in range(COUNT):
        data = bytearray(good)
        plain[draw.integers(len(plain))](data, draw)
        path = put(bytes(data))
        try:
            network = Network.load(path)
            notes = network.run(network.drawn(1)).notes
        except ValueError as error:
            refused += 1
            notes = [str(error)]
        for line in notes:
            assert line.isprintable() and len(line) < 500, f"{source} {number}: {line}"
    assert refused > COUNT // 4, refused


def test_shapes_that_do_not_fit_are_named(put):
    """Wrong channels, wrong bias, wrong normalization: the node is named, nothing else happens."""
    for at, shape in ((0, (2, 3, 3, 3)), (1, (5,)), (2, (7,)), (0, (2, 2)), (0, (2, 2, 3, 3, 3))):
        model = tiny()
        model.graph.initializer[at].CopyFrom(
            onnx.numpy_helper.from_array(
                np.ones(shape, np.float32), model.graph.initializer[at].name
            )
        )
        network = Network.load(put(model))
        try:
            lines = network.run(network.drawn(1)).notes
        except ValueError as error:
            lines = [str(error)]
        assert any("conv0" in line or "batch" in line for line in lines), (at, shape, lines)
        assert all(line.isprintable() for line in lines)


def test_strange_types(put):
    """Text and complex numbers where weights should be."""
    model = tiny()
    name = model.graph.initializer[0].name
    model.graph.initializer[0].CopyFrom(
        helper.make_tensor(name, TensorProto.STRING, (2, 2, 3, 3), cast(Any, [b"a"] * 36))
    )
    network = Network.load(put(model))
    with pytest.raises(ValueError, match="net: found no layer that can run"):
        network.run(network.drawn(1))
