"""The figure of limits is readable at one column's width, and its planes take others' curves."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from pictures_drawn import draws, entries

from bayesnu import Settings, limit_run, save_run
from bayesnu.analyses.ledger import ledger
from bayesnu.cli import main
from bayesnu.output.plots import style
from bayesnu.output.plots.compare import draw_comparison
from bayesnu.output.plots.comparison import WIDTH, Bar, add_curves, draw_limits
from bayesnu.results.comparison import Comparison, Part
from bayesnu.results.parameter_goodness import ParameterGoodness
from bayesnu.run_file.runner import Outcome


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    run = limit_run(
        ["xenonnt-2022-er"], "magnetic-moment", "mu_eff", method="profile", settings=Settings()
    )
    save_run(run, folder)
    return folder


def bars(parameter: str) -> list[Bar]:
    return [Bar(row.label, row.kind, row.intervals) for row in ledger(parameter)]


def texts(figure: Figure) -> list:
    figure.canvas.draw()
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    ticks = [tick.label1 for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    labels = [*axes.texts, *ticks, axes.xaxis.label, axes.title]
    labels += [text for legend in figure.legends for text in legend.get_texts()]
    return [text for text in [*labels, axes._right_title] if text.get_text()]


@pytest.mark.parametrize("parameter", ["mu_eff", "mu_e", "q_ee", "r2_ee"])
def test_nothing_overlaps_or_leaves_the_figure(parameter: str) -> None:
    figure = draw_limits(bars(parameter), "x", "1e-11 mu_B", "90% unless said")
    assert figure.get_size_inches()[0] == WIDTH
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(figure)]
    whole = figure.bbox
    for text, box in boxes:
        assert box.x0 >= whole.x0 - 1 and box.x1 <= whole.x1 + 1, text
        assert box.y0 >= whole.y0 - 1 and box.y1 <= whole.y1 + 1, text
    for (a, first), (b, second) in combinations(boxes, 2):
        assert not first.padded(-1).overlaps(second.padded(-1)), f"{a} and {b}"
    assert min(t.get_fontsize() for t in texts(figure)) >= 6.0


@draws(draw_limits)
def test_the_axis_has_its_unit_and_ours_is_on_top() -> None:
    drawn = [*bars("mu_eff"), Bar("mine", "ours", ((None, 7.0),))]
    figure = draw_limits(drawn, r"\mu", "1e-12 mu_B")
    axes = figure.axes[0]
    assert r"\mu_\mathrm{B}" in axes.get_xlabel() and "10^{-12}" in axes.get_xlabel()
    top = max(axes.texts, key=lambda text: text.get_position()[1])
    assert top.get_text() == "mine" and top.get_fontweight() == "bold"


def test_the_command_draws_ours_beside_theirs(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [tmp_path / "limits.pdf", tmp_path / "limits.png"]
    words = ["compare-limits", str(ours), "--parameter", "mu_eff"]
    assert main([*words, "--out", str(names[0]), "--out", str(names[1])]) == 0
    assert "different numbers" in capsys.readouterr().out
    assert names[0].read_bytes().startswith(b"%PDF") and names[1].stat().st_size > 10_000
    assert main([*words, "--kind", "moon", "--out", str(names[0])]) == 2
    assert "solar-xenon" in capsys.readouterr().err
    assert main(["compare-limits", str(ours), "--parameter", "q_ee", "--out", str(names[0])]) == 2
    assert "mu_eff" in capsys.readouterr().err


def test_a_plane_takes_curves_of_others(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    curve = tmp_path / "theirs.csv"
    curve.write_text("mass,coupling\n0.01,2\n0.1,3\n", encoding="utf-8")
    out = tmp_path / "plane.png"
    words = ["compare-limits", str(analysis.folder), "--parameter", "mu_e", "--out", str(out)]
    assert main([*words, "--overlay", f"Theirs={curve}"]) == 0
    assert out.stat().st_size > 10_000
    assert main([*words, "--overlay", str(curve)]) == 2
    assert "LABEL=CSV" in capsys.readouterr().err
    curve.write_text("mass,coupling,more\n0.01,2,3\n", encoding="utf-8")
    assert main([*words, "--overlay", f"Theirs={curve}"]) == 2


@draws(add_curves)
def test_curves_of_others_have_dashes_of_their_own_and_an_entry() -> None:
    figure, axes = style.figure()
    axes.plot([1.0, 2.0], [1.0, 2.0], label="ours")
    x = np.array([1.0, 3.0])
    add_curves(figure, {"theirs": (x, 2.0 * x), "more": (x, 3.0 * x)})
    assert entries(axes) == ["ours", "theirs", "more"]
    _, theirs, more = axes.lines
    np.testing.assert_allclose(more.get_ydata(), 3.0 * x)
    assert theirs.get_linestyle() != more.get_linestyle()


def part(name: str, best: float, x: np.ndarray) -> Part:
    ends = ((best - 1.0, best + 1.0),)
    without = ((1.0 - best, 2.0 - best),)
    return Part(name, best, 10.0, 5, ends, ends, 0.5, 0.2, without, x, (x - best) ** 2)


@draws(draw_comparison)
def test_experiments_stand_above_all_of_them_with_their_curves() -> None:
    x = np.linspace(-2.0, 3.0, 21)
    found = Comparison(
        experiments=("one", "two"),
        signal="millicharge",
        parameter="q_eff",
        unit="1e-13 e",
        latex="q",
        level=0.9,
        threshold=2.71,
        best_fit=0.5,
        chi2_min=20.0,
        intervals=((-0.5, 1.5),),
        values=x,
        delta_chi2=2.0 * (x - 0.5) ** 2,
        parameter_goodness_of_fit=ParameterGoodness(0.5, 1, 0.48),
        parts=(part("one", 0.0, x), part("two", 1.0, x)),
    )
    left, right = draw_comparison(found).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["one", "two", "all"]
    assert entries(left) == ["the others without it"]
    bars = [line.get_xydata() for line in left.lines if len(line.get_xdata()) == 2]
    ends = [tuple(bar[:, 0]) for bar in bars if bar[0, 1] == bar[1, 1]]
    assert ends == [(-1.0, 1.0), (1.0, 2.0), (0.0, 2.0), (0.0, 1.0), (-0.5, 1.5)]
    heights = [line.get_ydata() for line in right.lines]
    np.testing.assert_allclose(heights[2], found.delta_chi2)
    assert heights[3][0] == found.threshold
    assert "p = 0.48" in right.get_title()
