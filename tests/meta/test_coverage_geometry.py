"""Geometries of layers in the benches: the shared test has every kind, and the coverage of a design
fails when one is left out, or is taken in another way than the design says.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from models import registry
from models.layer import Layer
from scripts.cov.plan import PlanPoint, judge, load_plans
from tb.common.coverage.functional import Collector
from tb.common.coverage.functional import discover as covergroups
from tb.common.coverage.geometry import KINDS, geometry_group, geometry_of
from tb.common.coverage.merge import Functional, merge
from tb.common.sim.bench import discover as benches
from tb.common.sim.bench import find
from tb.common.stimulus import Stimulus
from tb.common.tests.layers import GEOMETRIES
from tb.common.uvm.base_test import REGISTERED, snake
from tb.common.uvm.items import Job
from tb.common.uvm.scoreboard import multiplies, parts

ONES = np.ones((1, 1, 3, 3), dtype=np.int64)


def maker_of(design: str) -> Stimulus:
    """What makes the layers of the shared test, for the smallest build."""
    import_module(f"tb.{design}.top.tests")
    test = REGISTERED[f"tb.{design}.top.tests", "directed_geometries"]
    parameters = next(iter(find(design).configs.values()))
    config = registry.design(design).config(**{snake(key): one for key, one in parameters.items()})
    return test.maker_class(np.random.default_rng(3), config)


@functools.cache
def jobs_of(design: str) -> list[Job]:
    """Those of the shared test, and of a layer of plain geometry, as other tests have."""
    maker = maker_of(design)
    layers = [
        maker.shaped(kernel, plane, name=name, **more)
        for name, (kernel, plane, more) in GEOMETRIES.items()
    ]
    layers.append(maker.shaped((2, 2, 2, 2), (3, 3), name="plain"))
    return [maker.job(layer, layer.name) for layer in layers]


def covered(design: str, jobs: Collection[Job], folder: Path) -> Functional:
    """What ``make cov`` makes of jobs that were found good."""
    group = next(one for one in covergroups()[design] if one.name.endswith("_geometry"))
    collector = Collector((group,))
    for job in jobs:
        collector.sample(group.name, **geometry_of(job.layers[0], job.program))
    return merge([collector.save(folder)], {design: (group,)})


@functools.cache
def planned() -> list[PlanPoint]:
    """The point of the plan of the dense array."""
    points = load_plans(benches(), covergroups())
    return [one for one in points if (one.folder, one.name) == ("dense", "geometries")]


@pytest.mark.parametrize("name", registry.DESIGNS)
def test_the_shared_test_has_every_kind_as_the_design_takes_it(name: str, tmp_path: Path) -> None:
    found = covered(name, jobs_of(name), tmp_path)
    assert not found.missing() and not found.false_ignores()
    (group,) = found.groups.values()
    way = "own" if "stride" in registry.design(name).geometry else "lowered"
    assert group.items["taken"].bins[f"stride_h,{way}"].hits
    assert group.items["taken"].goal == len(KINDS) + 1, "each kind one way"


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_a_kind_that_is_left_out_is_missing(kind: str, tmp_path: Path) -> None:
    """And the point of the plan stays open."""
    jobs = jobs_of("dense")
    kept = [job for job in jobs if kind not in geometry_of(job.layers[0], job.program)["kind"]]
    assert 0 < len(kept) < len(jobs)
    found = covered("dense", kept, tmp_path)
    assert f"dense_geometry.kind.{kind}" in found.missing()
    runs = [("dense", {"directed_geometries": "passed"})]
    (result,) = judge(planned(), runs, found, lambda point: True)
    assert result.status == "open" and "dense_geometry" in result.lacks()


def test_a_way_that_the_design_does_not_have_is_an_error(tmp_path: Path) -> None:
    """A design that says that it has strides of its own, and lowers them."""
    plain = registry.design("dense")
    group = geometry_group("dense", registry.design("eie"))
    collector = Collector((group,))
    layer = Layer(ONES, np.ones((1, 7, 5), dtype=np.int64), stride=(2, 1))
    program = plain.compile(layer, plain.config(rows=4, cols=4))
    collector.sample(group.name, **geometry_of(layer, program))
    found = merge([collector.save(tmp_path)], {"dense": (group,)})
    assert [path for path, _ in found.false_ignores()] == ["dense_geometry.taken.stride_h,lowered"]


def test_parts_of_a_job_are_its_layers_and_passes() -> None:
    model, layer = (
        registry.design("dense"),
        maker_of("dense").shaped((12, 1, 2, 2), (4, 4), groups=12),
    )
    config = model.config(rows=4, cols=4)
    job = Job((layer,), model.compile(layer, config), config)
    found = parts(job, model)
    assert len(found) == 3, "four groups at a time"
    assert [one for part in found for one in part.passes] == list(job.passes)
    assert all(part.layers[0].plain for part in found)
    assert sum(map(multiplies, found)) == multiplies(job) > 0
    assert parts(found[0], model) == [found[0]]
