"""Pictures are drawn whatever matplotlib is set to, and of columns that never move."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bayesnu.output.plots import style
from bayesnu.output.plots.limit import draw_corner
from bayesnu.results.draws import Column

REPOSITORY = Path(__file__).parents[2]

DRAW = """
import sys
from bayesnu.output.plots import style
from pathlib import Path
figure, axes = style.figure()
axes.set_xlabel(style.axis_label("mu", "1e-11 mu_B"))
print(style.save(figure, Path(sys.argv[1])))
"""


@pytest.mark.parametrize("settings", [{"MPLBACKEND": "nonsense"}, {"MATPLOTLIBRC": "matplotlibrc"}])
def test_a_backend_or_a_latex_that_is_not_there_is_not_needed(
    settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\n")
    nothing = {"PATH": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}  # no latex either
    ended = subprocess.run(
        [sys.executable, "-c", DRAW, "picture.png"],
        cwd=tmp_path,
        env={**os.environ, **nothing, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "picture.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("value", [0.0, 0.5, -3e7])
def test_a_constant_column_has_a_place_in_a_corner_plot(value: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    columns = {
        "x": Column(np.full((2, 300), value), "x", "", "signal"),
        "y": Column(rng.normal(size=(2, 300)), "y", "", "background"),
        "z": Column(np.full((2, 300), 1.0), "z", "", "background"),
    }
    for first in ("x", "y"):
        made = style.save(draw_corner(columns, first, ["lz"]), tmp_path / f"{first}.png")
        assert made.stat().st_size > 1000
