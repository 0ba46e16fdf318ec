"""Whether something fits a JSON Schema of the project's, or a definition of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator


def misfits(value: Any, form: Mapping[str, Any], part: str = "") -> list[str]:
    """What of a value is not as ``form``, or its ``$defs/<part>``, says; a line each."""
    if part:
        form = {"$defs": form["$defs"], "$ref": f"#/$defs/{part}"}
    plain = json.loads(json.dumps(value))
    found = Draft202012Validator(form).iter_errors(plain)
    return [f"{one.json_path}: {one.message}" for one in found]
