"""`bayesnu schema` and docs/file-format.md say what the package checks."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from types import ModuleType

import pytest
from command_line import REPOSITORY

from bayesnu.cli import main
from bayesnu.experiments.format.json_schema import json_schema
from bayesnu.experiments.model_files import CHANNELS, available, find, read_entries


def tool() -> ModuleType:
    """Return tools/file_format.py as a module."""
    path = REPOSITORY / "tools/file_format.py"
    spec = importlib.util.spec_from_file_location("file_format", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json_schema()
    assert len(printed["anyOf"]) == len(CHANNELS)


@pytest.mark.parametrize("name", available())
def test_schema_knows_every_key_of_the_packaged_files(name: str) -> None:
    channel = read_entries(find(name))["channel"]
    (form,) = json_schema(channel)["anyOf"]
    own = tomllib.loads(find(name).read_text(encoding="utf-8"))
    assert set(own) <= set(form["properties"])
    # What an editor marks as missing is what a file that extends nothing must say.
    if "extends" not in own:
        assert set(form["then"]["required"]) <= set(own)


def test_every_reference_inside_the_schema_exists() -> None:
    schema = json_schema()
    text = json.dumps(schema)
    for name in set(text.split('"#/$defs/')[1:]):
        assert name.partition('"')[0] in schema["$defs"]


def test_the_page_on_the_file_format_is_up_to_date() -> None:
    page = (REPOSITORY / "docs/file-format.md").read_text(encoding="utf-8")
    assert tool().updated(page) == page, "run `make file-format`"
