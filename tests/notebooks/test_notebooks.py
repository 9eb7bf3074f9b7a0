"""The notebooks run, and print what is stored and what their text says."""

from __future__ import annotations

import ast
import base64
import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from monte_carlo import SHIFT, seed
from nbformat import NotebookNode
from shown_numbers import NUMBER, agree, drawn_of

import bayesnu
import bayesnu.moments

REPOSITORY = Path(__file__).resolve().parents[2]

LARGEST_FILE, LARGEST_PICTURE = 600_000, 150_000
"""Bytes: a page of the repository's web view that loads quickly."""

TOLERANCE_OF_TEXT = 0.03
"""A number in the text is rounded from one that the notebook prints: 0.81 for 0.813."""

PUBLIC = {"bayesnu": set(bayesnu.__all__), "bayesnu.moments": set(bayesnu.moments.__all__)}

COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
PLACES = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|work|private|Users|opt|var)/")


def tool() -> ModuleType:
    """Return tools/notebooks.py as a module."""
    spec = importlib.util.spec_from_file_location("notebooks", REPOSITORY / "tools/notebooks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOTEBOOKS = tool()
NAMES = [path.stem for path in NOTEBOOKS.notebook_paths()]


@cache
def stored(name: str) -> NotebookNode:
    """Return a notebook as it is in the repository."""
    return NOTEBOOKS.read(NOTEBOOKS.FOLDER / f"{name}.ipynb")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that have outputs."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(cell: NotebookNode) -> str:
    """Return what a cell prints."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif "image/png" not in output.data:
            parts.append(output.data["text/plain"])
    return "\n".join(parts)


def pictures(cell: NotebookNode) -> list[bytes]:
    """Return a cell's pictures."""
    found = [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
    return [base64.b64decode(data) for data in found]


@contextmanager
def shifted(name: str) -> Iterator[Path]:
    """Give a notebook whose seeds are shifted: a copy, or itself."""
    path = NOTEBOOKS.FOLDER / f"{name}.ipynb"
    if not SHIFT:
        yield path
        return
    notebook = NOTEBOOKS.read(path)
    for cell in code_cells(notebook):
        cell.source = re.sub(
            r"\bseed=(\d+)", lambda found: f"seed={seed(int(found[1]))}", cell.source
        )
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        NOTEBOOKS.write(notebook, copy)
        yield copy


def test_there_are_nine() -> None:
    assert [name[:2] for name in NAMES] == [f"0{number}" for number in range(1, 10)]


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_prints_what_is_stored(name: str) -> None:
    with shifted(name) as path:
        fresh = NOTEBOOKS.execute(path)
    for old, new in zip(code_cells(stored(name)), code_cells(fresh), strict=True):
        assert [o for o in new.outputs if o.get("name") == "stderr"] == [], old.id
        assert len(pictures(new)) == len(pictures(old)), old.id
        tags = old.metadata.get("tags", [])
        if "noisy" in tags:
            assert bool(texts(new)) == bool(texts(old)), old.id
            continue
        shown, printed = ([*filter(None, texts(x).splitlines())] for x in (old, new))
        assert len(shown) == len(printed), f"{name}, cell {old.id}"
        for one, other in zip(shown, printed, strict=True):
            assert agree(one, other, drawn_of(tags)), (
                f"{name}, cell {old.id}: stored\n{one}\nnow\n{other}"
            )


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_the_text_are_printed_or_set_by_the_code(name: str) -> None:
    cells = code_cells(stored(name))
    known = [
        abs(float(number))
        for text in (*map(texts, cells), *(cell.source for cell in cells))
        for number in NUMBER.findall(COLOUR_CODES.sub("", text))
    ]
    for cell in stored(name).cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"arXiv:\d+\.\d+|`[^`]*`", "", cell.source)
            for number in re.findall(r"(?<![\w.])\d+\.\d+", prose):
                close = [x for x in known if abs(x - float(number)) <= TOLERANCE_OF_TEXT * x + 1e-9]
                assert close, f"{name}, cell {cell.id}: {number}"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_complete_and_of_no_machine(name: str) -> None:
    notebook, path = stored(name), NOTEBOOKS.FOLDER / f"{name}.ipynb"
    kept = {key: value for key, value in notebook.metadata.items() if key != "inputs"}
    assert kept == NOTEBOOKS.METADATA
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert not any(o.get("name") == "stderr" for cell in cells for o in cell.outputs)
    assert not any(o.output_type == "error" for cell in cells for o in cell.outputs)
    drawn = [picture for cell in cells for picture in pictures(cell)]
    assert len(drawn) >= 2
    assert all(5_000 < len(picture) < LARGEST_PICTURE for picture in drawn)
    assert path.stat().st_size < LARGEST_FILE
    text = path.read_text(encoding="utf-8")
    assert PLACES.search(text) is None
    assert "Warning" not in "\n".join(map(texts, cells))


@pytest.mark.parametrize("name", NAMES)
def test_it_uses_public_names_alone(name: str) -> None:
    for cell in code_cells(stored(name)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("bayesnu"):
                assert {alias.name for alias in node.names} <= PUBLIC[str(node.module)]
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("bayesnu.") for alias in node.names)


@pytest.mark.parametrize("name", NAMES)
def test_links_and_prose(name: str) -> None:
    notebook = stored(name)
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert prose[0].startswith("# ")
    for target in re.findall(r"\]\(([^)#:]+)\)", "\n".join(prose)):
        assert (NOTEBOOKS.FOLDER / target).exists(), target
    # Read as text with results: every picture is followed by something that is said about it.
    for cell, following in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code" and pictures(cell):
            later = notebook.cells[notebook.cells.index(following) :][:2]
            assert any(other.cell_type == "markdown" for other in later), cell.id


def test_the_index_names_every_notebook() -> None:
    index = (NOTEBOOKS.FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((.*)\.ipynb\)", index) == NAMES
