"""A limit in memory is saved, reported and exported like one that the command line wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayesnu import export_run, limit_run, read_run, save_run, write_report
from bayesnu.analyses.limit import LimitRun
from bayesnu.output.names import superscript
from bayesnu.output.plots.pictures import pictures_of_fit
from bayesnu.papers.reproduction import differs, reproduce
from bayesnu.physics.signals.base import Signal, SignalParameter
from bayesnu.results.interval_text import p_text
from bayesnu.results.symbol import safe_symbol
from bayesnu.saved.runs import SavedRun, saved_run


class Shift(Signal):
    """A signal of one's own, with a symbol of one's own."""

    tag = "shift"
    title = "Shift"
    parameters = (SignalParameter("eps", "1", r"\varepsilon", 1.0, False, reach=20.0, probe=0.5),)

    def electron_shifts(self, electrons, flavour, values):
        return values["eps"], 0.0


@pytest.fixture(scope="module")
def saved(run: LimitRun, tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    return save_run(run, tmp_path_factory.mktemp("saved") / "kept")


def test_a_run_is_saved_and_read_again(run: LimitRun, saved: SavedRun) -> None:
    (fit,) = read_run(saved.path).fits
    assert fit.limit == saved.fits[0].limit
    assert fit.limit.frequentist == run.limit.frequentist
    assert np.array_equal(fit.draws(), run.sampled.draws[..., 0])


def test_a_run_in_memory_is_reported_as_the_saved_one(
    run: LimitRun, saved: SavedRun, tmp_path: Path
) -> None:
    page = write_report(run, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "magnetic-moment" in page
    shown = [picture.name for picture in pictures_of_fit(saved_run(run).fits[0])]
    assert shown == [picture.name for picture in pictures_of_fit(saved.fits[0])]
    assert page.count("<img") >= len(shown)


@pytest.mark.parametrize("kind", ["csv", "latex", "json"])
def test_a_run_in_memory_is_exported_as_the_saved_one(
    kind: str, run: LimitRun, saved: SavedRun, tmp_path: Path
) -> None:
    direct = export_run(run, kind, tmp_path / "direct")
    kept = export_run(saved, kind, tmp_path / "tables")
    assert [p.name for p in direct] == [p.name for p in kept]
    if kind != "json":
        assert [p.read_text() for p in direct] == [p.read_text() for p in kept]


def test_a_signal_of_ones_own_is_saved_and_reported(tmp_path: Path) -> None:
    own = limit_run(["xenonnt-2022-er"], Shift(), "eps", method="profile")
    saved = save_run(own, tmp_path)
    assert saved.fits[0].latex() == r"\varepsilon"
    assert "ε" in write_report(own, tmp_path / "r.html").read_text(encoding="utf-8")
    assert r"\varepsilon" in export_run(own, "latex", tmp_path / "tables")[0].read_text()


def test_values_held_stand_in_reports_and_tables(tmp_path: Path) -> None:
    heavy = limit_run(
        ["xenonnt-2022-er"], "sterile-dipole", "mu_e", fixed={"m4": 0.25}, method="profile"
    )
    assert "m4 = 0.25 [MeV] held" in write_report(heavy, tmp_path / "r.html").read_text()
    rows = export_run(heavy, "csv", tmp_path / "csv")[0].read_text().splitlines()
    assert rows[0].endswith(",held")
    assert rows[1].endswith(",m4 = 0.25 [MeV]")
    assert "m4 = 0.25" in export_run(heavy, "latex", tmp_path / "tex")[0].read_text().replace(
        r"\_", "_"
    )


@pytest.mark.parametrize("symbol", [r"\varepsilon_{ee}", r"\sqrt{x}", r"\hat{\theta}", "g_{V'}"])
def test_symbols_that_can_be_drawn_are_kept(symbol: str) -> None:
    assert safe_symbol(symbol, "x") == symbol


@pytest.mark.parametrize(
    "symbol",
    [
        *(r"\input{/etc/passwd}", r"\write18{rm}", r"\def\x", r"\href{a}{b}", r"\unknown", "x^{2"),
        *("<b>", "$x$", "a%b", r"\catcode", "x" * 300),
    ],
)
def test_symbols_that_cannot_are_replaced_by_the_name(symbol: str) -> None:
    assert safe_symbol(symbol, "the_name") == r"\mathrm{the-name}"


def test_only_nuclei_that_exist_are_isotopes() -> None:
    for text in ("B0", "B0 rate", "C1", "I2", "K1", "U1"):
        assert superscript(text) == text
    assert superscript("B8 and 136Xe") == "$^{8}$B and $^{136}$Xe"
    assert superscript("Kr83m, H3, K40") == "$^{83m}$Kr, $^{3}$H, $^{40}$K"


def test_a_p_value_that_no_toy_reached_is_a_bound() -> None:
    assert p_text(0.0, 300) == "p < 0.0033"
    assert p_text(0.25, 300) == "p = 0.250"


@pytest.mark.parametrize(
    ("paper", "location"),
    [("giunti-ternes-2023", "Table I"), ("xenonnt-2022", None), ("khan-2022", "Table I")],
)
def test_a_row_that_differs_says_why(paper: str, location: str | None) -> None:
    rows = list(reproduce(paper, location=location))
    assert any(differs(row.ratio) for row in rows)
    for row in rows:
        assert row.note or not differs(row.ratio), row
