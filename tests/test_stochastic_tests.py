"""Tests of random numbers are listed, with their errors, where the promises are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PROMISES = (TESTS.parent / "docs/promises.md").read_text(encoding="utf-8")


def marked() -> set[str]:
    """Return the names of the tests that are marked `stochastic`."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        everything = any(ast.unparse(node) == "pytestmark = stochastic" for node in module.body)
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = map(ast.unparse, node.decorator_list)
                if everything or any("stochastic" in mark for mark in marks):
                    found.add(node.name)
    return found


def test_every_test_of_random_numbers_is_in_the_table_of_promises() -> None:
    table = PROMISES.partition("## Tests of random numbers")[2]
    listed = set(re.findall(r"`(test_\w+)`", table))
    assert listed - {"test_it_runs_and_prints_what_is_stored"} == marked()
