"""Code lengths against Huffman's own construction and against every code there is."""

import heapq
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.prefix import canonical, code_lengths, reverse_bits


def tree_cost(counts: list[int]) -> int:
    """Total bits of Huffman's tree, merged pair by pair (Huffman 1952): the sum of all merges."""
    heap = [count for count in counts if count]
    if len(heap) == 1:
        return heap[0]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        total += both
        heapq.heappush(heap, both)
    return total


def best_cost(counts: list[int], limit: int) -> int:
    """The least bits of any prefix code with lengths 1..limit, by trying every set of lengths.

    Kraft's inequality is all a set of lengths must meet, and the most frequent symbols take the
    shortest ones, so it is enough to try every descending list.
    """
    counts = sorted(count for count in counts if count)

    @cache
    def search(at: int, space: int, longest: int) -> float:
        if at == len(counts):
            return 0
        best = float("inf")
        for length in range(1, longest + 1):
            need = 1 << (limit - length)
            if need <= space:
                best = min(best, counts[at] * length + search(at + 1, space - need, length))
        return best

    return int(search(0, 1 << limit, limit))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_without_a_limit_in_reach_the_cost_is_huffmans(counts):
    lengths = code_lengths(counts, limit=62)
    assert int(np.dot(counts, lengths)) == tree_cost(counts)
    assert ((lengths > 0) == (np.array(counts) > 0)).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8), st.integers(3, 6))
def test_no_code_under_the_limit_is_cheaper(counts, limit):
    lengths = code_lengths(counts, limit)
    assert lengths.max() <= limit
    assert sum(2.0 ** -int(length) for length in lengths if length) <= 1
    assert int(np.dot(counts, lengths)) == best_cost(counts, limit)


def test_the_brute_force_oracle_sees_a_code_that_is_not_the_best():
    assert best_cost([5, 0, 1, 1, 2], 3) < np.dot([5, 0, 1, 1, 2], [2, 0, 2, 2, 2])


def test_fibonacci_counts_are_cut_at_the_limit():
    counts = [1, 1]
    while len(counts) < 30:
        counts.append(counts[-1] + counts[-2])
    assert code_lengths(counts, 62).max() == 29
    short = code_lengths(counts, 16)
    assert short.max() == 16
    assert sum(2.0 ** -int(length) for length in short) == 1


def test_every_symbol_of_the_largest_alphabet():
    assert code_lengths(np.ones(4096, dtype=int)).tolist() == [12] * 4096
    assert code_lengths([3], 1).tolist() == [1]
    assert code_lengths([0, 7, 0]).tolist() == [0, 1, 0]
    assert code_lengths([]).tolist() == []


@pytest.mark.parametrize(
    ("counts", "limit", "text"),
    [
        ([1, -1], 16, "nothing negative"),
        ([[1]], 16, "one axis"),
        ([1, 1, 1], 1, "3 symbols in use, 1 bits"),
        ([1], 0, "limit: 0"),
    ],
)
def test_counts_that_have_no_code(counts, limit, text):
    with pytest.raises(ValueError, match=text):
        code_lengths(counts, limit)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=40))
def test_canonical_codes_are_free_of_prefixes_and_count_up(counts):
    lengths = code_lengths(counts, 8)
    symbols, codes = canonical(lengths)
    words = [format(c, f"0{lengths[s]}b") for s, c in zip(symbols, codes, strict=True)]
    assert words == sorted(words)
    assert [len(word) for word in words] == sorted(len(word) for word in words)
    for at, word in enumerate(words):
        assert not any(other.startswith(word) for other in words[at + 1 :])
    if words:
        assert set(words[0]) == {"0"}
    mirrored = reverse_bits(codes, lengths[symbols])
    again = [format(c, f"0{lengths[s]}b") for s, c in zip(symbols, mirrored, strict=True)]
    assert again == [word[::-1] for word in words]


def test_canonical_code_of_rfc_1951():
    # The example of RFC 1951, section 3.2.2: symbols A..H.
    symbols, codes = canonical([3, 3, 3, 3, 3, 2, 4, 4])
    by_symbol = dict(zip(symbols.tolist(), codes.tolist(), strict=True))
    assert [by_symbol[s] for s in range(8)] == [2, 3, 4, 5, 6, 0, 14, 15]
