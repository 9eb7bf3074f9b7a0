"""A report says what it should, needs nothing else, and lets nothing through."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from monte_carlo import seed
from page import check_self_contained, parse
from sealing import seal

from bayesnu import read_posterior, read_run, write_posterior
from bayesnu.cli import main
from bayesnu.output.report.html_math import symbol, unit_html
from bayesnu.output.report.page import report_html
from bayesnu.results.interval_text import number
from bayesnu.run_file.runner import Outcome
from bayesnu.saved.runs import SavedFit, SavedRun

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }} $\\x{$"


@pytest.fixture(scope="module")
def html(analysis: Outcome) -> str:
    return (analysis.folder / "report.html").read_text(encoding="utf-8")


def test_a_report_is_one_file_that_needs_nothing_else(html: str) -> None:
    page = parse(html)
    check_self_contained(page)
    assert len(html) < 12_000_000


def test_a_report_has_both_statements_beside_published_ones(html: str, analysis: Outcome) -> None:
    page = parse(html)
    run = read_run(analysis.folder)
    for fit in run.fits:
        if fit.limit is None:
            continue
        assert fit.limit.frequentist is not None
        assert f"< {number(fit.limit.frequentist.intervals[0][1] or 0)}" in page.text
        if fit.limit.bayesian is not None:
            assert f"< {number(fit.limit.bayesian.intervals[0][1] or 0)}" in page.text
            assert fit.limit.bayesian.prior in page.text
    # khan-2022 quotes 0.63 for this treatment.
    assert "< 0.63" in page.text and "khan-2022, Table I" in page.text
    assert "ours / theirs" in page.text


def test_a_report_says_what_was_fitted_and_how_far_to_trust_it(
    html: str, analysis: Outcome
) -> None:
    text = parse(html).text
    for words in (
        "My xenon detector",
        "XENONnT SR0, electron recoils",
        "official",
        "recalled, from memory of a paper: check it",
        "flat on [0, 100]",
        "Gaussian, 1 ± 0.006",
        "R-hat",
        "posterior predictive p",
        "simulated data sets",
    ):
        assert words in text, words
    for fit in read_run(analysis.folder).fits:
        if (found := fit.diagnostics) is not None:
            assert (" ".join(found.problems) or "No problems found") in text


def test_a_report_says_how_it_was_made(html: str, analysis: Outcome) -> None:
    text = parse(html).text
    assert "bayesnu run full.toml" in text
    assert analysis.info.run_file_hash in text
    for digest in analysis.info.inputs.values():
        assert digest in text
    for step in analysis.info.steps:
        assert step.numbers in text
    assert f"seed {seed(3)}" in text


def test_a_report_cites_data_formulas_and_software(html: str) -> None:
    text = parse(html).text
    for key in ("@article{XENON:2022ltv", "@article{giunti-ternes-2023", "@software{nutpie"):
        assert key in text


def test_a_report_has_every_kind_of_picture(html: str) -> None:
    words = " ".join(parse(html).values("alt"))
    for what in (
        "with the fitted components",
        "Delta chi2 profile (line",
        "nuisances most correlated",
        "Draws of each chain",
        "Ranks of each chain",
        "Pulls of the nuisances",
        "the posterior predicts",
        "Delta chi2 regions of mu_e and mu_mu: 68.3%, 90%",
        "Upper limits on mu_e against m4",
        "Expected limit on mu_eff against exposure",
    ):
        assert what in words, what


def test_equal_results_give_equal_pages(analysis: Outcome) -> None:
    run = read_run(analysis.folder / "limit-khan")
    assert report_html(run) == report_html(read_run(analysis.folder / "limit-khan"))


def test_a_posterior_alone_gets_a_report(analysis: Outcome, tmp_path: Path) -> None:
    source = analysis.folder / "sample-charge/posterior.nc"
    path = tmp_path / "posterior.nc"
    shutil.copy(source, path)
    assert main(["report", str(path)]) == 0
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    check_self_contained(page)
    assert "millicharge" in page.text and "flat in q_ee on [" in page.text
    assert "XENONnT SR0, electron recoils" in page.text, "found again by name and hash"


def test_what_cannot_be_quoted_says_so_first(analysis: Outcome) -> None:
    fit = read_run(analysis.folder / "limit-mu_eff").fits[0]
    assert fit.limit is not None and fit.limit.bayesian is not None
    doubtful = replace(fit.limit, bayesian=replace(fit.limit.bayesian, converged=False))
    run = SavedRun(Path(), None, (SavedFit("", doubtful, None, None),), {}, {}, {}, {})
    text = parse(report_html(run)).text
    assert "Not everything here can be quoted." in text.partition("Limits parameter")[0]
    assert "not converged" in text


def test_a_run_that_is_not_finished_says_so(analysis: Outcome) -> None:
    (khan,) = (step for step in analysis.info.steps if step.name == "khan")
    failed = replace(khan, name="other", error="The fit did not converge.")
    info = replace(analysis.info, steps=(khan, failed), wanted=3)
    fits = read_run(analysis.folder / "limit-khan").fits
    text = parse(report_html(SavedRun(Path(), info, fits, {}, {}, {}, {}))).text
    assert "1 of 3 steps are not done yet." in text
    assert "limit other failed: The fit did not converge." in text


def hostile(value: Any) -> Any:
    """Return plain values with every text replaced, names of groups and kinds left alone."""
    if isinstance(value, dict):
        kept = {"kind", "fit", "name", "role", "created", "key", "parameter", "method"}
        return {k: v if k in kept else hostile(v) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return HOSTILE if value and isinstance(value, str) else value


# Texts of eighty letters in every legend leave a picture no room: only that is worth a warning.
@pytest.mark.filterwarnings("ignore:constrained_layout not applied")
def test_texts_from_files_are_shown_and_never_run(analysis: Outcome, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(analysis.folder, folder)
    for path in [folder / "run.json", *folder.glob("*/*.json")]:
        path.write_text(json.dumps(hostile(json.loads(path.read_text()))))
    for path in folder.glob("*/posterior.nc"):
        tree = read_posterior(path)
        for node in (tree, *tree.children.values()):
            texts = {k for k, v in node.attrs.items() if isinstance(v, str)}
            node.attrs.update(dict.fromkeys(texts - {"creation_library"}, HOSTILE))
        for variable in tree["posterior"].to_dataset().variables.values():
            if "long_name" in variable.attrs:
                variable.attrs.update(long_name=HOSTILE, unit=HOSTILE)
        # Beside a limit, names that are not the limit's would be refused.
        of_limit = (path.parent / "limit.json").is_file()
        tree.attrs["experiments"] = "" if of_limit else "xenonnt-2022-er"
        write_posterior(tree, path)
    seal(folder)
    html = report_html(read_run(folder))
    page = parse(html)
    check_self_contained(page)
    assert "<script>alert(1)</script>" in page.text, "shown as it is"
    assert "49" not in page.text.partition("Limits")[0], "no template of a file is filled in"


def test_names_in_files_do_not_lead_out_of_the_folder(analysis: Outcome, tmp_path: Path) -> None:
    folder = tmp_path / "inside" / "limit"
    shutil.copytree(analysis.folder / "limit-khan", folder)
    for name in ("limit.json", "record.json"):
        path = folder / name
        path.write_text(path.read_text().replace("xenonnt-2022-er@khan-2022", "../../../escaped"))
    seal(folder)
    assert main(["plot", str(folder), "--kind", "spectrum"]) == 0
    assert main(["export", str(folder), "--format", "csv"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside"]
    assert sorted(path.name for path in (tmp_path / "inside").iterdir()) == ["limit"]


def test_a_step_folder_that_leads_out_is_refused(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = json.loads((analysis.folder / "run.json").read_text())
    info["steps"][0]["name"] = "x/../../elsewhere"
    (tmp_path / "run.json").write_text(json.dumps(info))
    assert main(["report", str(tmp_path)]) == 2
    assert "run.json: steps.0.name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "[]"),
        ("run.json", "{"),
        ("limit.json", '{"results": []}'),
        ("limit.json", '{"results": [{"experiments": 3}]}'),
        ("contour.json", '{"results": [{}]}'),
        ("posterior.nc", "no netCDF"),
    ],
)
def test_a_broken_result_is_one_sentence(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    for words in (("report",), ("plot",), ("cite",)):
        assert main([words[0], str(tmp_path), *words[1:]]) == 2
        message = capsys.readouterr().err
        assert message.count("\n") == 1 and name in message


def test_a_posterior_of_another_program_is_refused(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = read_posterior(analysis.folder / "sample-charge/posterior.nc")
    del tree.attrs["creation_library"]
    write_posterior(tree, tmp_path / "theirs.nc")
    assert main(["report", str(tmp_path / "theirs.nc")]) == 2
    assert "creation_library: found None, expected bayesnu" in capsys.readouterr().err


def test_a_posterior_that_was_cut_off_is_shown_as_such(analysis: Outcome, tmp_path: Path) -> None:
    tree = read_posterior(analysis.folder / "sample-charge/posterior.nc")
    for group in set(tree.children) - {"posterior", "sample_stats"}:
        del tree[group]
    write_posterior(tree, tmp_path / "posterior.nc")
    text = parse(report_html(read_run(tmp_path))).text
    assert "Sampling was cut off" in text and "not converged" in text


def test_a_folder_without_results_says_what_is_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / ("x" * 300)):
        assert main(["report", str(path)]) == 2
        assert "bayesnu limit" in capsys.readouterr().err


def test_symbols_and_units_become_html_that_is_safe() -> None:
    shown = str(symbol(r"\mu_\nu^\mathrm{eff}"))
    assert shown.startswith('<span class="math"><i>μ</i><sub><i>ν</i></sub><sup>')
    assert "<script" not in symbol("<script>") and "<script" not in unit_html("<script>")
    assert unit_html("1e-11 mu_B") == "10<sup>−11</sup> μ<sub>B</sub>"
    # Whatever stands there, tags are closed.
    for latex in ("{", "}", "_", "^", r"\mathrm", "a_{b_{c", "a^}}", "\\"):
        parse(f"<p>{symbol(latex)}</p>")
