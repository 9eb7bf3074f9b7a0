"""Tests stand where their subject stands in the package, and the quick run has some of each."""

import importlib
import re
from pathlib import Path

import pytest
from test_architecture import FLOORS

TESTS = Path(__file__).parent
GROUND = set(FLOORS[0])
ROOMS = {room for rooms in FLOORS for room in rooms} - GROUND
BESIDE = {"docs", "notebooks", "benchmarks"}
"""What is tested beside the package."""


def test_folders_of_tests_are_rooms_of_the_package() -> None:
    found = {path.parent.relative_to(TESTS).parts for path in TESTS.rglob("test_*.py")} - {()}
    assert found == {(room,) for room in ROOMS | BESIDE}


def test_no_two_files_of_tests_share_a_name() -> None:
    """Folders of tests are no packages: pytest refuses the second file of a name."""
    names = [path.name for path in TESTS.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_the_quick_run_has_tests_of_every_room() -> None:
    names = (TESTS / "quick.txt").read_text(encoding="utf-8").split()
    files = [name.partition("::")[0] for name in names]
    assert [name for name in files if not (TESTS.parent / name).exists()] == []
    assert {Path(name).parts[1] for name in files} >= ROOMS


def test_the_figure_of_the_house_is_the_list_that_is_tested() -> None:
    page = (TESTS.parent / "docs/architecture.md").read_text(encoding="utf-8")
    figure = page.partition("<!-- floors -->\n```text\n")[2].partition("```")[0]
    assert tuple(tuple(line.split()) for line in reversed(figure.splitlines())) == FLOORS


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_what_the_pages_about_the_code_name_is_there(page: str) -> None:
    text = (TESTS.parent / page).read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r"`(bayesnu(?:\.\w+)+)`", text))):
        assert _is_there(name), name
    paths = set(re.findall(r"`((?:bayesnu|tests|docs|data|models|tools)/[\w/.@-]*)`", text))
    real = sorted(path for path in paths if not re.search("NAME|PAPER", path))
    assert [path for path in real if not (TESTS.parent / path).exists()] == []


def _is_there(name: str) -> bool:
    """Return whether a dotted name is a module or stands in one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, member = name.rpartition(".")
        return hasattr(importlib.import_module(module), member)
    return True
