"""Accuracy against thresholds: what counts as zero, what is left, how thresholds are chosen."""

from __future__ import annotations

import numpy as np
import pytest

from models.networks import NETWORKS, NetworkLayer, load_digits, load_network
from scripts.train import thresholds
from scripts.train.granularity import SEEDS
from scripts.train.infer import accumulate, first_input, integer_accuracy, run_network
from scripts.train.thresholds import EMBEDDED, Inference, Search, Thresholds, zeroed
from scripts.train.trainer import SCHEDULES


def layer(weights, **more) -> NetworkLayer:
    """A layer of these weights alone."""
    weights = np.asarray(weights, dtype=np.int16)
    given = {"stride": 1, "padding": 0, "shift": 0, "relu": True, "pool": 1} | more
    codes = np.zeros(weights.shape, np.uint8)
    bias = np.zeros(len(weights), np.int64)
    return NetworkLayer("x", weights, bias, codes=codes, codebook=np.zeros(16, np.int16), **given)


def test_the_most_negative_value_has_a_magnitude():
    """-32768 is not its own absolute value: 32767 leaves it, 32768 takes it."""
    x = np.array([-32768, -32767, 5, 32767], dtype=np.int16)
    assert zeroed(x, 32767).tolist() == [-32768, 0, 0, 0]
    assert not zeroed(x, 32768).any()
    assert zeroed(x, 0).tolist() == x.tolist()


@pytest.mark.parametrize("more", [{}, {"padding": 1}, {"stride": 2, "padding": 2}])
def test_pairs_are_counted_one_by_one(more):
    """Against loops over all multiplies; the border of zeros has none."""
    rng = np.random.default_rng(3)
    one = layer(rng.integers(-1, 2, (3, 2, 3, 3)), **more)
    x = rng.integers(0, 2, (2, 2, 6, 5)) * 7
    pad = one.padding
    wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    found = total = 0
    for oy in range((wide.shape[2] - 3) // one.stride + 1):
        for ox in range((wide.shape[3] - 3) // one.stride + 1):
            part = wide[:, :, oy * one.stride : oy * one.stride + 3][
                ..., ox * one.stride : ox * one.stride + 3
            ]
            found += int(((part[:, None] != 0) & (one.weights != 0)).sum())
            total += len(x) * one.weights.size
    assert thresholds.pairs(one, x) == found
    assert pad or thresholds.multiplies(one, x) == total


def test_sums_are_exact_at_the_largest_operands():
    """Of 16 bits: float64 holds them to the last bit, and the limit of 40 bits is kept."""
    one = layer(np.full((2, 500, 1, 1), -32768))
    x = np.full((1, 500, 1, 1), 32767)
    x[0, 0] = 1
    assert accumulate(one, x).ravel().tolist() == [-32768 * (32767 * 499 + 1)] * 2
    with pytest.raises(OverflowError, match="does not fit 40 bits"):
        accumulate(layer(np.full((1, 520, 1, 1), -32768)), np.full((1, 520, 1, 1), -32768))


def test_no_threshold_changes_nothing():
    digits, network = load_digits(), load_network("lenet_300_100")
    run = Inference(network.layers, digits.images, digits.labels)
    accuracy, pairs = run.measured(run.none)
    assert accuracy == integer_accuracy(network.layers, digits.images, digits.labels)
    x = first_input(digits.images, network.layers[0])
    live = np.count_nonzero(network.layers[0].weights, axis=0).ravel()
    assert pairs[0] == int((x.reshape(len(x), -1) != 0).sum(axis=0) @ live)
    assert run.dense() == [len(x) * one.weights.size for one in network.layers]


def test_a_threshold_acts_on_its_layer():
    """All inputs of the last layer gone: its biases are what is left."""
    digits, network = load_digits(), load_network("lenet_300_100")
    run = Inference(network.layers, digits.images[:50], digits.labels[:50])
    accuracy, pairs = run.measured(Thresholds((0, 0, 40_000), (0, 0, 0)))
    last = network.layers[-1].bias.argmax()
    assert pairs[2] == 0 < pairs[1] and accuracy == (digits.labels[:50] == last).mean()
    _, fewer = run.measured(Thresholds((0, 0, 0), (3000, 0, 0)))
    assert fewer[0] < run.measured(run.none)[1][0]
    assert (run_network(network.layers, digits.images[:50]).argmax(axis=1) == run.labels).any()


def test_levels_rise_from_zero():
    network, digits = load_network("lenet_300_100"), load_digits()
    found = thresholds.levels(network.layers, digits.images[:64])
    assert set(found) == {(kind, at) for kind in thresholds.KINDS for at in range(3)}
    for (kind, at), steps in found.items():
        assert steps[0] == 0 and steps == sorted(set(steps))
        if kind == "synapses":
            assert steps[-1] < np.abs(network.layers[at].weights.astype(int)).max()


def test_a_choice_loses_no_digit_that_was_right():
    """And another step of any threshold that is still open would."""
    network, digits = load_network("lenet_300_100"), load_digits()
    run = Inference(network.layers, digits.images[:128], digits.labels[:128])
    search = Search(run, thresholds.levels(network.layers, digits.images[:64]))
    before = search.right
    limits = search.chosen()
    chunks = run.inputs()
    for at in range(3):
        chunks, _ = run.step(at, chunks, limits)
    assert run.right(chunks)[before].all()
    assert sum(search.pairs) == sum(run.measured(limits)[1]) < sum(run.measured(run.none)[1])
    assert any(limits.neurons)
    assert not search._steps()


# ---------------------------------------------------------------- what is committed


def test_the_tiny_study_comes_out_the_same():
    assert thresholds.tiny(load_digits()) == thresholds.read()["check"]


def test_committed_points_are_whole():
    """Every network and seed; chosen on validation digits at no loss there; fewer pairs."""
    points = thresholds.read()["points"]
    keys = [(one["network"], one["seed"]) for one in points]
    assert keys == [(name, seed) for name in NETWORKS for seed in (EMBEDDED, *SEEDS)]
    for one in points:
        sizes = len(one["layers"])
        assert all(len(one[key]) == sizes for key in ("neurons", "synapses", "dense"))
        assert one["chosen"]["validation"] >= one["zero"]["validation"]
        assert sum(one["pairs_chosen"]) < sum(one["pairs_zero"]) < sum(one["dense"])
        assert {curve["kind"] for curve in one["curves"]} == {*thresholds.KINDS, "both"}


def test_the_embedded_networks_are_those_of_today():
    """On the digits that a test has: the first of the validation digits."""
    digits = load_digits()
    for one in thresholds.read()["points"]:
        if one["seed"] == EMBEDDED and one["network"] != "vgg_7":
            network = load_network(one["network"])
            run = Inference(network.layers, digits.images, digits.labels)
            limits = Thresholds(tuple(one["neurons"]), tuple(one["synapses"]))
            assert run.measured(limits)[0] >= run.measured(run.none)[0]


def test_schedules_are_half_as_long():
    plan = thresholds.schedule("lenet_5", 7)
    assert (plan.seed, plan.dense_epochs, plan.step_epochs, plan.batch) == (7, 5, 2, 64)
    assert plan.prune_steps == SCHEDULES["lenet_5"].prune_steps


def test_damaged_points_are_refused(tmp_path):
    (tmp_path / thresholds.RESULTS).write_text('{"points": [{"network": "x"}]}')
    with pytest.raises(ValueError, match=r"thresholds\.json: found"):
        thresholds.read(tmp_path)
