"""The figure of limits is readable at one column's width, and its planes take others' curves."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from bayesnu import Settings, limit_run, save_run
from bayesnu.analyses.ledger import ledger
from bayesnu.cli import main
from bayesnu.output.plots.comparison import WIDTH, Bar, draw_limits
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
