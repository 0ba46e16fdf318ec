"""Layers with inputs that a command line asks for: ``LAYER=``, ``NET=`` or ``WORKLOAD=``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from models import registry, workloads
from models.layer import Layer
from models.networks import NETWORKS
from models.workloads.fetched import GRAPHS
from models.workloads.pretrained import PRETRAINED
from scripts import options as cli
from scripts.run.cli import parser
from scripts.run.tasks import job_of

#: What runs where nothing is named.
NET = "lenet_5"
WIDTH = 16
#: Options that mean what they mean in ``make run``.
_PASSED = ("layer", "net", "workload", "count", "layers", "density", "bits", "seed")


def add_options(parser: argparse.ArgumentParser, networks: bool = True) -> None:
    """What layers can be asked for by."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--layer", type=cli.file, help=".npz with weights and activations")
    if networks:
        nets = ", ".join((*NETWORKS, *PRETRAINED, *GRAPHS))
        what.add_argument("--net", help=f"network: {nets}; default {NET}")
        what.add_argument("--workload", help="workload bert/768x768-fine-b16, or a family: bert")
        parser.add_argument("--count", type=cli.integer(1), help="digits sent through a network")
        parser.add_argument("--layers", help="of a fetched network: names with commas, or all")
    parser.add_argument("--density", type=cli.number(0, 1), help="weights kept of a float layer")
    parser.add_argument("--bits", type=cli.integer(1, 8), help="codebook bits of a float layer")
    parser.add_argument("--seed", type=cli.seed, default=1, help="of random workloads")


@dataclass(frozen=True)
class Asked:
    """Layers that are compared together: what they are called, notes on their numbers."""

    name: str
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()


def members(options: argparse.Namespace) -> list[str]:
    """Workloads that ``WORKLOAD=`` names: one, or all of a family (``bert``); else none."""
    name = getattr(options, "workload", None)
    if name is None or "/" in name:
        return [] if name is None else [name]
    found = [one for one in workloads.workloads() if one.startswith(f"{name.lower()}/")]
    return found or [name]


def layers_of(options: argparse.Namespace) -> Asked:
    """What runs; ValueError or OSError on what there is not.

    The same numbers for every design: those that the narrowest of them holds.
    """
    words = [
        f"--{name}={value}"
        for name in _PASSED
        if (value := getattr(options, name, None)) is not None
    ]
    if not any(getattr(options, name) is not None for name in ("layer", "net", "workload")):
        words.append(f"--net={NET}")
    job = job_of(parser([]).parse_args([*words, "--design=all"]), list(registry.DESIGNS))
    return Asked(job.name, tuple(job.with_inputs(WIDTH)), tuple(getattr(job, "notes", ())))
