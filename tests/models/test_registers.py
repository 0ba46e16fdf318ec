"""Fields of CFG registers: packed where the description says, refused outside their limits."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from models import registers, registry
from models.registers import Field, Limit, RegisterMap, Rule, packed

BUILDS = [
    pytest.param(name, build, id=f"{name}-{build}")
    for name in registry.DESIGNS
    for build in registry.design(name).builds
]


def of(design: str, build: str) -> tuple[RegisterMap, Any]:
    """(registers, configuration) of a named build of a design."""
    spelled = {
        re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(): value
        for key, value in registry.design(design).builds[build].items()
    }
    one = registry.design(design)
    return one.registers, one.config(**spelled)


def modes(found: RegisterMap, config: object) -> list[int]:
    """Good values of MODE with at most three bits."""
    masks = [1 << bit for _, bit in found.flags]
    return [
        mode
        for mode in (sum(some) for n in range(4) for some in itertools.combinations(masks, n))
        if all(
            registers.value_of(rule.need, found.known(config, {0: mode})) for rule in found.rules
        )
    ]


@pytest.mark.parametrize(("design", "build"), BUILDS)
def test_every_field_takes_its_limits_and_nothing_beyond(design, build):
    found, config = of(design, build)
    refused = set()
    for mode in modes(found, config):
        values = found.lowest(config, mode)
        assert found.words(config, values) == packed(values)
        for field in found.cfg[1:]:
            low, high, step = found.range(field, found.known(config, packed(values)))
            assert low <= high and low % step == high % step == 0
            for value in (low, high):  # which may leave no room for a later field
                faults = found.faults(config, packed(values | {field: value}))
                assert field.name not in [fault.name for fault in faults]
            beyond = {low - 1, high + 1, *((low + 1,) if step > 1 else ())}
            for value in beyond:
                with pytest.raises(ValueError, match=r"CFG ") as error:
                    found.words(config, values | {field: value})
                said = str(error.value)
                named = said.startswith(f"lac_{design}: CFG {field.name}: found {value}, allowed ")
                # The first field at fault is named: that may be one whose limit this one moves.
                earlier = found.cfg[1 : found.cfg.index(field)]
                others = {one.name for one in earlier if field.name in one.bounds()}
                assert named or said.split()[2].rstrip(":") in others
                assert not named or str(high) in said or not 0 <= value <= field.most
                refused.add(field)
    assert refused == set(found.cfg[1:])


@pytest.mark.parametrize(("design", "build"), BUILDS)
def test_bad_modes_are_refused(design, build):
    found, config = of(design, build)
    good = set(modes(found, config))
    few = (mode for mode in range(1 << 11) if mode.bit_count() < 4)
    known = sum(1 << bit for _, bit in found.flags)
    for mode in (*few, 1 << 11, 1 << 31, known | 1 << 30):
        faults = [one for one in found.faults(config, {0: mode}) if one.name == "MODE"]
        assert bool(faults) == (mode not in good), hex(mode)
        if mode & ~known:
            assert f"bits of {known:#x}" in faults[0].allowed


@pytest.mark.parametrize(("design", "build"), BUILDS)
def test_cap_fits_its_bits_and_reads_back(design, build):
    found, config = of(design, build)
    words = found.cap_words(config)
    for field in found.cap:
        value = registers.value_of(field.value, config.parameters())
        assert 0 <= value <= field.most and field.of(words) == value, field.name


def test_the_largest_builds_fit_cap():
    """Highest values of all parameters that CAP holds."""
    found, _ = of("eie", "default")
    config = registry.design("eie").config(
        num_pe=1, queue_depth=65535, desc_depth=65535, act_regs=4096, act_depth=1 << 24,
        ptr_depth=1 << 24, spmat_depth=(1 << 24) - 1, bias_depth=65535, num_codebooks=16,
        code_width=8, idx_width=8, spmat_width=2048, ptr_width=32, acc_width=48,
    )  # fmt: skip
    for field in found.cap:
        assert registers.value_of(field.value, config.parameters()) <= field.most, field.name


def test_a_later_register_is_not_looked_at_behind_a_fault():
    found, config = of("eie", "default")
    faults = list(found.faults(config, {0: 4, 1: 0, 2: 0, 7: 99}))
    assert [fault.name for fault in faults] == ["IN_LEN"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A // 2 + B % 3", 5),
        ("ceil(A / 2)", 4),
        ("A / 2 * 2", 7),
        ("max(A, B) - min(A, B)", 1),
        ("1 << B - 5", 8),
        ("-A if A == B else B", 8),
        ("A < B and not A >= B or A != 7", True),
    ],
)
def test_expressions(text, value):
    assert registers.value_of(text, {"A": 7, "B": 8}) == value


@pytest.mark.parametrize(
    "text",
    ["A.b", "A[0]", "open('x')", "lambda: 1", "__import__('os')", "A ** 9", "[A]", "'a'", "1.5",
     "A if", "max(A, key=B)", "A & B", "True", "(A := 3)"],
)  # fmt: skip
def test_other_expressions_are_refused(text):
    with pytest.raises(ValueError, match="expression: found"):
        registers.names(text)


def test_a_map_of_its_own():
    mode, size = Field("MODE", 0), Field("SIZE", 1, 4, 4, limits=(Limit("GO", "2", "Depth", 2),))
    toy = RegisterMap("toy", (mode, size), (("GO", 0), ("SLOW", 1)), (Rule("GO", "GO"),), ())

    class Config:
        def parameters(self) -> dict[str, int]:
            return {"Depth": 9}

    assert toy.words(Config(), {mode: 1, size: 8}) == {0: 1, 1: 0x80}
    for values, said in (
        ({mode: 1, size: 3}, "toy: CFG SIZE: found 3, allowed 2..8, a multiple of 2"),
        ({mode: 1, size: 10}, "toy: CFG SIZE: found 10, allowed 2..8, a multiple of 2"),
        ({mode: 1, size: 16}, "toy: CFG SIZE: found 16, allowed 0..15"),
        ({mode: 2, size: 2}, "toy: CFG MODE: found 2, allowed GO"),
        ({mode: 4}, "toy: CFG MODE: found 4, allowed bits of 0x3, GO"),
    ):
        with pytest.raises(ValueError, match=r"^toy") as error:
            toy.words(Config(), values)
        assert str(error.value) == said
    other = toy.over("other", cfg=(Field("SIZE", 1, 4, 4),))
    assert other.words(Config(), {mode: 1, size: 15}) == {0: 1, 1: 0xF0}
