"""Read a run file; whatever is wrong with it is one sentence, before anything is computed."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bayesnu.errors import InputError
from bayesnu.files.toml_file import read_toml
from bayesnu.run_file.schema import RunFile


def read_run_file(path: str | Path) -> RunFile:
    """Read and check a run file."""
    path = Path(path)
    entries = read_toml(path, "a run file")
    try:
        file = RunFile.model_validate(entries)
    except ValidationError as error:
        raise _one_sentence(path, error) from None
    _distinct_names(path, file)
    return file


def _one_sentence(path: Path, error: ValidationError) -> InputError:
    """Return the first problem; a wrong key comes before what is missing because of it."""
    problems = error.errors()
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in first["loc"]) or "file"
    if first["type"] == "extra_forbidden":
        known = _keys_at(first["loc"][:-1])
        close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.6)
        expected = f"{close[0]}?" if close else f"one of {' | '.join(known)}"
        return InputError(path, key, found="an unknown key", expected=expected.rstrip("."))
    if first["type"] == "missing":
        return InputError(path, key, found="nothing", expected="this key")
    expected = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return InputError(path, key, found=repr(first["input"]), expected=expected)


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are known at a place of the file."""
    form: type[BaseModel] = RunFile
    for part in location:
        if isinstance(part, int):
            continue
        field = form.model_fields.get(part)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            return []
        form = inner
    return list(form.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the entry that a field holds, or holds a tuple of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a)) is not None), None)


def _distinct_names(path: Path, file: RunFile) -> None:
    seen: set[tuple[str, str]] = set()
    for kind, step in file.steps():
        if (kind, step.label) in seen:
            raise InputError(
                path,
                f"{kind}.name",
                found=f"two steps {step.label}",
                expected="a name of its own for each",
            )
        seen.add((kind, step.label))


def run_file_schema() -> dict[str, Any]:
    """Return the JSON Schema of run files, for editors."""
    schema = RunFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "bayesnu run file",
    }
