"""The format of experiment files as JSON Schema, which editors understand."""

from __future__ import annotations

from typing import Any

from bayesnu.errors import InputError
from bayesnu.experiments.model_files import CHANNELS

EXTENDING: dict[str, Any] = {
    "extends": {
        "type": "string",
        "description": "name or path of a file whose entries this one changes",
    },
    "replaces": {
        "type": "array",
        "items": {"type": "string"},
        "description": "top-level keys that are not inherited",
    },
}
"""Keys that are dealt with before the entries are checked."""


def json_schema(channel: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of experiment files.

    Parameters
    ----------
    channel : str, optional
        Only the files of this channel; default: all.

    Raises
    ------
    InputError
        If there is no such channel.
    """
    if channel is not None and channel not in CHANNELS:
        raise InputError("schema", "--channel", found=channel, expected=" | ".join(CHANNELS))
    definitions: dict[str, Any] = {}
    forms = {}
    for name, form in CHANNELS.items():
        if channel not in (None, name):
            continue
        schema = form.model_json_schema()
        definitions |= schema.pop("$defs", {})
        schema["properties"] |= EXTENDING
        # A file that extends another need not repeat what it inherits.
        required = schema.pop("required", [])
        schema["if"] = {"not": {"required": ["extends"]}}
        schema["then"] = {"required": required}
        forms[name] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bayesnu experiment file",
        "anyOf": list(forms.values()),
        "$defs": definitions,
    }
