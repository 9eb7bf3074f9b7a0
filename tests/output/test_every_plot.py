"""Every function that draws is tested by what it draws; one without a test fails here."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from pictures_drawn import TESTED

import bayesnu.output

MODULES = (
    "test_saved_pictures",
    "test_diagnostic_pictures",
    "test_scan_pictures",
    "test_campaign_pictures",
    "test_impact_pictures",
    "test_comparison_figure",
)
"""They say with the decorator `draws` of which functions they look at the pictures."""

ELSEWHERE = {"bayesnu.output.plots.style.figure": "empty axes"}
"""Returns a figure, but draws nothing."""


def functions_that_draw() -> set[str]:
    """Return every public function that returns a figure."""
    found_modules = pkgutil.walk_packages(bayesnu.output.__path__, "bayesnu.output.")
    names = [module.name for module in found_modules]
    found = set()
    for name in [*names, "bayesnu.papers.figures"]:
        module = importlib.import_module(name)
        for key, function in inspect.getmembers(module, inspect.isfunction):
            returns = str(inspect.unwrap(function).__annotations__.get("return", ""))
            if function.__module__ == name and not key.startswith("_") and "Figure" in returns:
                found.add(f"{name}.{key}")
    return found


def test_every_function_that_draws_has_a_test() -> None:
    for name in MODULES:
        importlib.import_module(name)
    drawing = functions_that_draw()
    assert "bayesnu.output.plots.limit.draw_corner" in drawing
    missing = drawing - set(TESTED) - set(ELSEWHERE)
    assert not missing, f"no test looks at the pictures of {', '.join(sorted(missing))}"
    assert set(TESTED) <= drawing, "tests of functions that are gone"
