"""What a run leaves for other tools: a YAML for each layer and design, three csv reports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models import registry
from scripts.measure.scale_sim import reports
from scripts.measure.sparseloop import described, to_yaml
from tb.common.sim.builds import write_whole

FOLDER = "tools"


def write_tools(folder: Path, records: Sequence[Mapping[str, Any]]) -> list[Path]:
    """The files in ``folder/tools``, and none of an earlier run there."""
    made = folder / FOLDER
    made.mkdir(parents=True, exist_ok=True)
    for old in (*made.glob("*.yaml"), *made.glob("*.csv")):
        old.unlink()
    texts = {
        name: text for name, text in zip(_names(records), map(_text, records), strict=True) if text
    }
    for name, text in (texts | reports(records)).items():
        write_whole(made / name, text)
    return sorted(made.iterdir())


def _text(record: Mapping[str, Any]) -> str:
    return to_yaml(described(record)) if registry.design(record["design"]).dataflow else ""


def _names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """``0-dense-conv1.yaml``: numbered as in the reports."""
    return [
        f"{number}-{one['design']}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', one['layer'])}.yaml"
        for number, one in enumerate(records)
    ]
