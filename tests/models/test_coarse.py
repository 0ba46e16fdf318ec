"""Coarse-grained compression: blocks <-> bits, regional codes, a stored layer and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.coarse import (
    BlockIndex,
    Parts,
    Regions,
    from_matrix,
    local_codes,
    read,
    store,
    to_matrix,
)
from models.pruning import mask

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(1, 3))
BLOCKS = st.sampled_from([(1, 1), (2, 3), (4, 1), (16, 1), (3, 2), (16, 16)])


def layer_of(shape, block, seed=0, bits=3, regions=None, code=None):
    """A layer pruned by blocks, coded, and its integer codebooks."""
    draw = np.random.default_rng(seed)
    weights = draw.normal(size=shape)
    kept = mask(weights, 0.5, "block", block=block)
    index = BlockIndex.from_mask(kept, block)
    regions = regions or Regions(4, 5)
    codes, books = local_codes(to_matrix(np.where(kept, weights, 0.0)), bits, regions)
    if code is not None:
        codes = np.where(codes > 0, code, 0).astype(np.uint8)
    return store(index, codes, np.rint(1000 * books).astype(np.int64), regions, bits)


@given(SHAPES, BLOCKS, st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_layer_comes_back_from_its_words(shape, block, seed):
    layer = layer_of(shape, block, seed)
    sections = layer.sections()
    again = read(sections, shape, block, layer.regions, 3, 16, layer.huffman)
    assert np.array_equal(again.index.kept, layer.index.kept)
    assert np.array_equal(again.codes, layer.codes)
    assert np.array_equal(again.books, layer.books)
    assert np.array_equal(again.weights(), layer.weights())
    assert ((layer.weights() != 0) <= layer.index.mask()).all()


def test_sections_have_the_bits_that_parts_counts():
    layer = layer_of((40, 3, 2, 2), (16, 1), regions=Regions(20, 4))
    parts = layer.parts()
    index, books, codes = layer.sections()
    assert len(index) == -(-parts.index // 64) and len(books) == -(-parts.books // 64)
    assert parts.books == len(layer.books) * 3 + np.count_nonzero(layer.books) * 16
    assert not layer.huffman and len(codes) == -(-parts.codes // 64)
    assert (parts.index, parts.tables) == (3 * 4 * 3, 0)
    assert parts.codes == 3 * int(layer.index.mask().sum())
    skewed = layer_of((40, 30, 3, 3), (16, 1), regions=Regions(20, 90), code=2)
    parts = skewed.parts()
    assert skewed.huffman and parts.codes == skewed.codes.size
    words = skewed.sections()[2]
    assert len(words) == 1 + -(-(parts.codes + parts.tables) // 64)
    assert skewed.parts(False).total > parts.total
    again = read(skewed.sections(), (40, 30, 3, 3), (16, 1), Regions(20, 90), 3, 16, True)
    assert np.array_equal(again.codes, skewed.codes)


def test_index_bits_are_in_the_order_that_the_docstring_says():
    kept = np.zeros((5, 4, 1, 2), dtype=bool)
    kept[0:2, 2:4, 0, 1] = True  # group 0, place 1, second block of channels: bit 3
    kept[4:5, 0:2, 0, 0] = True  # group 2 (cut off), place 0, first block: bit 8
    index = BlockIndex.from_mask(kept, (2, 2))
    assert index.bits == 3 * 2 * 2
    word = int.from_bytes(index.words(32)[0].tobytes(), "little")
    assert word == 1 << 3 | 1 << 8
    assert index.inputs(0).tolist() == [6, 7] and index.inputs(1).tolist() == []
    rows, cols = index.order()
    assert list(zip(rows.tolist(), cols.tolist(), strict=True)) == [
        (0, 6), (1, 6), (0, 7), (1, 7), (4, 0), (4, 1)
    ]  # fmt: skip


def test_the_sixteen_codes_of_an_input_lie_together():
    draw = np.random.default_rng(1)
    weights = draw.normal(size=(32, 8, 3, 3))
    kept = mask(weights, 0.3, "block", block=(16, 1))
    rows, cols = BlockIndex.from_mask(kept, (16, 1)).order()
    assert (cols.reshape(-1, 16) == cols.reshape(-1, 16)[:, :1]).all()
    assert (rows.reshape(-1, 16) % 16 == np.arange(16)).all()
    group = rows.reshape(-1, 16)[:, 0] // 16
    assert (np.diff(group * 1000 + cols.reshape(-1, 16)[:, 0]) > 0).all()


@given(SHAPES)
def test_the_reduction_order_has_channels_innermost(shape):
    weights = np.arange(int(np.prod(shape))).reshape(shape)
    matrix = to_matrix(weights)
    k, c, r, s = (size - 1 for size in shape)
    assert matrix[k, (r * shape[3] + s) * shape[1] + c] == weights[k, c, r, s]
    assert np.array_equal(from_matrix(matrix, shape), weights)


def test_regions_have_codes_of_their_own():
    matrix = np.array([[1.0, 2.0, 10.0, 20.0], [1.0, 0.0, 10.0, 0.0]])
    codes, books = local_codes(matrix, 2, Regions(2, 2))
    assert books[0, 1:3].tolist() == [1.0, 2.0] and books[1, 1:3].tolist() == [10.0, 20.0]
    assert codes.tolist() == [[1, 2, 1, 2], [1, 0, 1, 0]]
    assert Regions(1, 2).of((3, 4)).tolist() == [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5]]
    one = local_codes(np.random.default_rng(1).normal(size=(8, 64)), 4, Regions(8, 64))
    many = local_codes(np.random.default_rng(1).normal(size=(8, 64)), 4, Regions(8, 8))
    assert one[1].shape == (1, 16) and many[1].shape == (8, 16)


def test_parts_add_up():
    both = Parts(1, 2, 3, 4) + Parts(10, 20, 30, 40)
    assert both == Parts(11, 22, 33, 44) and both.total == 110


INDEX = BlockIndex((2, 2, 1, 1), (2, 1), np.array([[[True, False]]]))
CODES = np.array([[1, 0], [1, 0]], dtype=np.uint8)
BOOKS = np.array([[0, 5]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BlockIndex.from_mask(np.eye(2, dtype=bool), (2, 1)), "mask: block 0 of 2 x 1"),
        (lambda: BlockIndex((2, 2, 1, 1), (0, 1), INDEX.kept), r"block: found \(0, 1\)"),
        (lambda: BlockIndex((3, 2, 1, 1), (2, 1), INDEX.kept), "kept: found shape"),
        (lambda: to_matrix(np.zeros(3)), r"weights: found shape \(3,\)"),
        (lambda: Regions(0, 4), "region: found 0 x 4"),
        (lambda: store(INDEX, CODES.T, BOOKS, Regions(2, 2), 1), "a weight that was pruned"),
        (lambda: store(INDEX, CODES[:1], BOOKS, Regions(2, 2), 1), "codes: found shape"),
        (lambda: store(INDEX, CODES, BOOKS, Regions(1, 2), 1), "books: found shape"),
        (lambda: store(INDEX, CODES, BOOKS + 1, Regions(2, 2), 1), "entry 0 of region 0 is not 0"),
        (lambda: store(INDEX, CODES, 30 * BOOKS, Regions(2, 2), 1, 8), "books: found 0..150"),
        (lambda: BlockIndex.from_words(np.zeros((0, 8), np.uint8), (2, 2, 1, 1), (1, 1)), "hold 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_streams_that_end_are_refused():
    layer = store(INDEX, CODES, BOOKS, Regions(2, 2), 1)
    index, books, codes = layer.sections()
    args = ((2, 2, 1, 1), (2, 1), Regions(2, 2), 1, 16)
    assert np.array_equal(read((index, books, codes), *args, False).weights(), layer.weights())
    cut = np.full((0, 8), 0, np.uint8)
    with pytest.raises(ValueError, match="words: hold 0 bits"):
        read((index, books, cut), *args, False)
    one = np.array([[1, 0, 0, 0]], np.uint8)[:, :1]  # n = 1, and seven bits of its entry
    with pytest.raises(ValueError, match="codebooks: end in region 0, entry 1"):
        read((index, one, codes), *args, False)
    with pytest.raises(ValueError, match="codes: HEADER at 0"):
        read((index, books, codes), *args, True)
    with pytest.raises(ValueError, match="codebooks: end in region 0$"):
        read((index, cut, codes), *args, False)
