"""Tests stand where their subject stands in the package, and the quick run has some of each."""

from pathlib import Path

from test_architecture import FLOORS

TESTS = Path(__file__).parent
GROUND = set(FLOORS[0])
ROOMS = {room for rooms in FLOORS for room in rooms} - GROUND
BESIDE = {"docs", "notebooks", "benchmarks"}
"""What is tested beside the package."""


def test_folders_of_tests_are_rooms_of_the_package() -> None:
    found = {path.parent.relative_to(TESTS).parts for path in TESTS.rglob("test_*.py")} - {()}
    assert found == {(room,) for room in ROOMS | BESIDE}


def test_the_quick_run_has_tests_of_every_room() -> None:
    names = (TESTS / "quick.txt").read_text(encoding="utf-8").split()
    files = [name.partition("::")[0] for name in names]
    assert [name for name in files if not (TESTS.parent / name).exists()] == []
    assert {Path(name).parts[1] for name in files} >= ROOMS
