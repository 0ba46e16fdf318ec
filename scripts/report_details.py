"""What the pictures of a run need beyond its records: digits, answers, queue levels over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scripts.run_engine import Engine
from scripts.run_jobs import NetworkJob, Outcome, predictions

BINS = 600


@dataclass
class Details:
    """Arrays by name; those that a run did not give are missing.

    images, labels, predicted: the digits; levels [pe, bins], level_cycles [bins], level_depth and
    level_marks: queue occupancy of the traced sample.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **self.arrays)

    @classmethod
    def load(cls, path: Path) -> Details:
        """Read them; nothing when there is no such file."""
        if not path.is_file():
            return cls()
        with np.load(path, allow_pickle=False) as data:
            return cls({name: data[name] for name in data.files})


def gather(job: Any, outcome: Outcome, engine: Engine) -> Details:
    """The details of a finished job; simulates one sample more for the queue levels."""
    arrays: dict[str, np.ndarray] = {}
    if isinstance(job, NetworkJob):
        arrays |= {
            "images": outcome.digits.images,
            "labels": outcome.digits.labels,
            "predicted": predictions(outcome.answers),
        }
    return Details(arrays)
