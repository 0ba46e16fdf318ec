"""How large weights gather: the measure, its null hypotheses, blocks that slide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pruning import mask
from models.pruning.gathering import by_chance, gathered, gathering, largest_per_block


def lumps(seed=1, shape=(64, 64), side=8, share=0.1):
    """Noise with some blocks much larger."""
    draw = np.random.default_rng(seed)
    weights = draw.normal(size=shape)
    rows, cols = shape[0] // side, shape[1] // side
    large = draw.permutation(rows * cols)[: round(share * rows * cols)]
    for row, col in zip(*np.divmod(large, cols), strict=True):
        weights[row * side : (row + 1) * side, col * side : (col + 1) * side] *= 100
    return weights


def test_lumps_gather_and_noise_does_not():
    noise = np.random.default_rng(2).normal(size=(64, 64))
    chance = by_chance(noise, (8, 8), "shuffled", draws=40)
    assert chance.min() - 0.03 < gathering(noise, (8, 8)) < chance.max() + 0.03
    assert gathering(lumps(), (8, 8)) > 0.9 > 3 * by_chance(lumps(), (8, 8), "shuffled").max()


def test_rows_survive_being_rearranged_and_lumps_do_not():
    rows = np.random.default_rng(3).normal(size=(64, 64))
    rows[::8] *= 100  # no two neighbours
    blocks = (1, 16)
    assert gathering(rows, blocks) > 0.8
    assert by_chance(rows, blocks, "rearranged").min() > 0.8
    assert by_chance(rows, blocks, "shuffled").max() < 0.5
    assert by_chance(lumps(), (8, 8), "rearranged").max() < 0.6 < gathering(lumps(), (8, 8))


def test_blocks_cut_off_count_by_their_size():
    counts, sizes = largest_per_block(np.arange(10).reshape(1, 10), (1, 4), share=0.3)
    assert counts.ravel().tolist() == [0, 1, 2] and sizes.ravel().tolist() == [4, 4, 2]
    assert gathered(counts, sizes) == pytest.approx((2 + 1 / 4) / 3)


@given(st.integers(0, 999), st.floats(0.05, 1))
@settings(max_examples=40, deadline=None)
def test_the_measure_is_a_share_no_smaller_than_an_even_spread(seed, share):
    weights = np.random.default_rng(seed).normal(size=(9, 7, 2, 2))
    value = gathering(weights, (4, 1), share)
    counts, _ = largest_per_block(weights, (4, 1), share)
    assert counts.sum() == round(share * weights.size)
    assert counts.sum() / weights.size - 1e-9 <= value <= 1 + 1e-9


def test_nothing_and_refusals():
    assert gathered(np.zeros(3, int), np.ones(3, int)) == 0.0
    with pytest.raises(ValueError, match="share: found 0"):
        gathering(np.ones((2, 2)), (1, 1), 0)
    with pytest.raises(ValueError, match="null: found 'odd', known: shuffled, rearranged"):
        by_chance(np.ones((2, 2)), (1, 1), "odd")
    with pytest.raises(ValueError, match="block: found"):
        gathering(np.ones((2, 2)), (1, 1, 1), 0.5)


# ---------------------------------------------------------------- blocks that slide


def by_hand(weights, keep, side, step, worst):
    """Blocks of a row one after the other, the smallest first, until so few weights stay."""
    row = np.abs(weights)
    starts = list(range(0, len(row) - side + 1, step))
    score = max if worst == "maximum" else (lambda part: sum(part) / len(part))
    order = sorted(starts, key=lambda at: (score(row[at : at + side].tolist()), -at))
    gone, tried = set(), [np.ones(len(row), bool)]
    for at in order:
        gone |= set(range(at, at + side))
        tried.append(np.array([n not in gone for n in range(len(row))]))
    return min(tried, key=lambda one: (abs(int(one.sum()) - keep), -int(one.sum())))


@given(st.lists(st.integers(0, 50), min_size=8, max_size=24).filter(lambda v: len(v) % 2 == 0),
       st.integers(0, 24), st.sampled_from(["average", "maximum"]),
       st.sampled_from([1, 2]))  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_sliding_blocks_are_those_of_brute_force(values, keep, criterion, step):
    weights = np.array(values, dtype=float)
    keep = min(keep, weights.size)
    made = mask(weights[None, :], keep / weights.size, "block", block=(1, 4), criterion=criterion,
                stride=(1, step))[0]  # fmt: skip
    want = by_hand(weights, keep, 4, step, criterion)
    assert made.tolist() == want.tolist()


def test_a_stride_of_the_block_is_no_sliding():
    weights = np.random.default_rng(1).normal(size=(33, 20))
    for criterion in ("average", "maximum"):
        plain = mask(weights, 0.3, "block", block=(8, 8), criterion=criterion)
        same = mask(weights, 0.3, "block", block=(8, 8), criterion=criterion, stride=(8, 8))
        half = mask(weights, 0.3, "block", block=(8, 8), criterion=criterion, stride=(4, 4))
        assert np.array_equal(plain, same) and not np.array_equal(plain, half)
        assert abs(half.mean() - 0.3) < 0.05
        cells = half[:32].reshape(8, 4, 5, 4).transpose(0, 2, 1, 3).reshape(40, 16)
        assert (cells.all(axis=1) == cells.any(axis=1)).all()
    with pytest.raises(ValueError, match=r"stride: found \(3, 4\), need divisors of \(8, 8\)"):
        mask(weights, 0.3, "block", block=(8, 8), stride=(3, 4))
