"""What README.md says of runs is what the models, equal to the RTL, say today."""

from __future__ import annotations

import pytest

from models import registry
from models.eie.config import EieConfig
from models.program import Program
from scripts.bench import cli as bench
from scripts.bench import figures as paper
from scripts.bench.tasks import suite
from scripts.measure.jobs import NetworkJob
from scripts.run import figures

DEFAULT = [one for one in figures.load() if one["workload"] == figures.DEFAULT]


def programs(name: str, config) -> list[Program]:
    """What ``make run`` plays for the network of its default run."""
    design, job = registry.design(name), NetworkJob(figures.DEFAULT)
    layers = job.with_inputs(getattr(config, "act_width", 16))
    if not design.last_only:
        try:
            return [design.compile_network([layers[0], *job.layers[1:]], config)]
        except ValueError:
            pass  # one by one
    return [design.compile(layer, config) for layer in layers]


def test_every_design_is_there():
    assert [one["design"] for one in DEFAULT] == list(registry.DESIGNS)


@pytest.mark.parametrize("shown", DEFAULT, ids=lambda one: one["design"])
def test_cycles_and_work_are_those_of_today(shown):
    design = registry.design(shown["design"])
    config = design.config(**shown["config"])
    passes = [
        one
        for program in programs(shown["design"], config)
        for one in design.cycles(program, config)
    ]
    assert sum(int(one.compute) for one in passes) == shown["cycles_compute"]
    assert sum(one.counters["mac_useful"] for one in passes) == shown["mac_useful"]


@pytest.mark.parametrize(
    "shown",
    [one for one in paper.load("eie") if one["layer"] == "vgg-8" and one["seed"] == 1],
    ids=lambda one: one["variant"],
)
def test_a_layer_of_the_paper_takes_what_it_takes_today(shown):
    config = registry.design("eie").variants[shown["variant"]].of(EieConfig())
    program = registry.design("eie").compile(suite("eie").make(shown["layer"], 1), config)
    passes = registry.design("eie").cycles(program, config)
    assert sum(int(one.compute) for one in passes) == shown["cycles_compute"]
    assert sum(one.counters["mac_useful"] for one in passes) == shown["mac_useful"]


def test_docs_are_of_the_whole_benchmark():
    with pytest.raises(ValueError, match="docs: need all layers"):
        bench.Plan(bench.parser().parse_args(["--docs", "--layers", "vgg-8"]))


def record(**changes):
    return {
        "workload": "net", "design": "dense", "layer": "a", "config": {}, "samples": 1,
        "compared": 2, "cycles_compute": 3, "mac_useful": 4, "mac_slots": 12,
        "bits_moved": {"wgt": {"reads": 5}, "idx": {"reads": 1}}, "energy_pj": {"mac": 2.5},
    } | changes  # fmt: skip


def test_layers_are_summed_and_other_runs_stay(tmp_path):
    path = tmp_path / "run.json"
    figures.keep([record(), record(layer="b"), record(workload="other")], path)
    figures.keep([record(design="eie")], path)
    figures.keep([record(workload="other", cycles_compute=9)], path)
    found = figures.load(path)
    assert [(one["workload"], one["design"], one["cycles_compute"]) for one in found] == [
        ("net", "eie", 3),
        ("net", "dense", 6),
        ("other", "dense", 9),
    ]
    assert (found[1]["layers"], found[1]["weight_bits"]) == (["a", "b"], 12)
