"""The tables of the coverage report, and that no decoder is without its sown bugs."""

from __future__ import annotations

from collections import Counter

import pytest

from models.formats import load_all
from scripts.cov.tables import bugs, overviews
from tb.common.coverage.functional import discover
from tb.common.coverage.merge import blank
from tb.formats.benches import BENCHES


@pytest.fixture(scope="module")
def table():
    (found,) = overviews(blank(discover()))
    return found


def test_every_format_has_a_row(table):
    assert sorted(row[0] for row in table.rows) == sorted(load_all())
    assert all(len(row) == len(table.head) for row in table.rows)


def test_bins_of_the_row_are_those_of_the_coverage(table):
    declared = blank(discover())
    column = table.head.index("bins")
    for row in table.rows:
        group = declared.groups[f"fmt_{row[0]}"]
        assert row[column] == f"0/{group.goal}"
        for item in group.items.values():  # as if all had been hit
            for one in item.bins.values():
                one.hits = 1
    (full,) = overviews(declared)
    assert all(len(set(row[column].split("/"))) == 1 for row in full.rows)


@pytest.mark.parametrize("bench", [bench.name for bench in BENCHES])
def test_every_decoder_and_encoder_has_three_bugs_sown(bench):
    table = bugs()
    column = table.head.index("bench")
    assert Counter(row[column] for row in table.rows)[bench] >= 3
