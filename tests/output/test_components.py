"""Pictures of `bayesnu rates` and `bayesnu show`, and the names in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayesnu import rates
from bayesnu.cli import main
from bayesnu.output.names import nuisance, readable, superscript
from bayesnu.output.plots.components import draw_components
from bayesnu.results.expectation import Expectation


def test_rates_are_stacked_to_the_total() -> None:
    expectation = rates("xenonnt-2022-er")
    top, _ = draw_components(expectation).axes
    last = top.patches[-1].get_data()
    assert last.values * np.diff(expectation.edges) == pytest.approx(expectation.total)
    assert np.asarray(last.edges) == pytest.approx(expectation.edges)


def test_an_excess_below_zero_is_in_the_picture() -> None:
    expectation = rates("conus-plus-2025")
    assert expectation.observed is not None and expectation.observed.min() < 0.0
    top, _ = draw_components(expectation).axes
    low, high = top.get_ylim()
    heights = expectation.observed / np.diff(expectation.edges)
    assert low < heights.min() and high > heights.max()


def test_a_projection_without_data_has_no_residuals() -> None:
    edges = np.linspace(0.0, 10.0, 11)
    expectation = Expectation("future", edges, None, {"solar_nu": np.ones(10)})
    (axes,) = draw_components(expectation, title="Future").axes
    assert axes.get_xlabel() == "reconstructed energy [keV]"
    assert axes.get_title() == "Future"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [r"solar $\nu$"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("rates", "lz-2022-er"), "lz-2022-er"),
        (("show", "lz-2022-er", "--toys", "0"), "LZ WS2022, electron recoils"),
    ],
)
def test_plot_commands_write_a_picture(
    words: tuple[str, ...], title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    original = draw_components

    def spy(*args: object, **kwargs: object) -> object:
        drawn.append(original(*args, **kwargs))  # type: ignore[arg-type]
        return drawn[-1]

    monkeypatch.setattr("bayesnu.output.plots.components.draw_components", spy)
    path = tmp_path / "new" / "a.png"
    assert main([*words, "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    (figure,) = drawn
    assert figure.axes[0].get_title() == title
    assert "data" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_several_experiments_get_a_picture_each(tmp_path: Path) -> None:
    names = ("lz-2022-er", "xenonnt-2022-er")
    assert main(["rates", *names, "--plot", str(tmp_path / "a.png")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a_{name}.png" for name in names]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Xe136", "$^{136}$Xe"),
        ("83mKr", "$^{83m}$Kr"),
        ("solar 8B on nuclei", "solar $^{8}$B on nuclei"),
        ("PandaX-4T Run1", "PandaX-4T Run1"),
        ("XENONnT SR0 + SR1", "XENONnT SR0 + SR1"),
        ("LZ WS2022", "LZ WS2022"),
    ],
)
def test_isotopes_and_only_isotopes_get_superscripts(text: str, shown: str) -> None:
    assert superscript(text) == shown


def test_names_of_components_and_nuisances() -> None:
    both = ("xenonnt-2022-er", "lz-2022-er@giunti-ternes-2023")
    assert readable("solar_nu") == r"solar $\nu$"
    assert readable("beta_det", {"beta_det": "beta + detector ER"}) == "beta + detector ER"
    assert nuisance("flux_be7") == "$^{7}$Be flux"
    assert nuisance("background_Xe136", both) == "$^{136}$Xe"
    assert nuisance("background_Pb214_xenonnt_2022_er", both[:1]) == "$^{214}$Pb"
    assert nuisance("background_Xe124_lz_2022_er", both) == "$^{124}$Xe (lz-2022-er)"
    assert nuisance("threshold_lz_2022_er", both) == "threshold (lz-2022-er)"
    assert nuisance("energy_scale_lz_2022_er", ["lz-2022-er"]) == "energy scale"
    assert nuisance("pull_sin2_theta12") == r"$\sin^2\theta_{12}$ pull"
