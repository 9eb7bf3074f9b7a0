"""Exported tables hold the numbers of the run with their units, and nothing that is not ours."""

from __future__ import annotations

import csv
import importlib
import json
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.mathtext import MathTextParser
from small_run import EXAMPLE

from bayesnu import export_run, load, read_run
from bayesnu.cli import main
from bayesnu.cli.commands import export as export_command
from bayesnu.cli.commands import limit as limit_command
from bayesnu.output.likelihoods.formats import LIKELIHOODS
from bayesnu.output.tables.formats import FORMATS
from bayesnu.output.tables.latex import escape, intervals, prior_text, value
from bayesnu.output.tables.listing import tables_of
from bayesnu.results.limit import CalibratedLimit, Limit
from bayesnu.results.sensitivity import Band
from bayesnu.run_file.reading import run_file_schema
from bayesnu.run_file.runner import Outcome


@pytest.fixture(scope="module")
def exports(analysis: Outcome) -> Path:
    return analysis.folder / "exports"


@pytest.fixture(scope="module")
def limit(analysis: Outcome) -> Limit:
    """The limit with both statements."""
    (found,) = (f.limit for f in read_run(analysis.folder).fits if f.name == "limit-mu_eff")
    assert found is not None and found.frequentist is not None and found.bayesian is not None
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def end(found: Any) -> float:
    """Return the upper end of a statement's only interval."""
    ((_, high),) = found.intervals
    assert high is not None
    return float(high)


def test_csv_has_both_statements_and_units_in_its_headers(exports: Path, limit: Limit) -> None:
    table = [
        row for row in rows(exports / "csv/limits.csv") if "my-experiment" in row["experiments"]
    ]
    assert [row["statement"] for row in table] == ["delta_chi2", "credible"]
    for row, statement in zip(table, (limit.frequentist, limit.bayesian), strict=True):
        assert row["lower"] == ""
        assert float(row["upper"]) == pytest.approx(end(statement), rel=1e-7)
        assert row["unit"] == "1e-11 mu_B" and row["level"] == "0.9"
    assert table[1]["prior"].startswith("flat in mu_eff")


def test_csv_curves_reach_the_cut_where_the_limit_is(exports: Path, limit: Limit) -> None:
    curve = rows(exports / "csv/delta_chi2_mu_eff.csv")
    x = [float(row["mu_eff [1e-11 mu_B]"]) for row in curve]
    y = [float(row["delta_chi2"]) for row in curve]
    assert x == sorted(x) and min(y) == 0.0
    below = max(a for a, b in zip(x, y, strict=True) if b < 2.7055)
    above = min(a for a, b in zip(x, y, strict=True) if b > 2.7055)
    assert below < end(limit.frequentist) < above


def test_csv_densities_are_normalised_and_hold_the_credible_share(
    exports: Path, limit: Limit
) -> None:
    table = rows(exports / "csv/posterior_mu_eff.csv")
    low, high, density = list(table[0])
    assert density == "density [1 / (1e-11 mu_B)]"
    share = [(float(r[high]) - float(r[low])) * float(r[density]) for r in table]
    # Rounded to eight digits in the file.
    assert sum(share) == pytest.approx(1.0, abs=1e-5)
    inside = sum(
        s for s, r in zip(share, table, strict=True) if float(r[high]) <= end(limit.bayesian)
    )
    # One bin of the histogram holds a few per cent, and the limit is smoother than the draws.
    assert inside == pytest.approx(0.9, abs=0.05)


def test_csv_has_maps_lines_planes_and_sensitivities(exports: Path) -> None:
    lines = rows(exports / "csv/contour_lines_mu_e-mu_mu.csv")
    assert {row["level"] for row in lines} == {"0.683", "0.9"}
    assert len(rows(exports / "csv/contour_map_mu_e-mu_mu.csv")) == 81
    plane = rows(exports / "csv/exclusion_mu_e-m4.csv")
    assert [float(row["m4 [MeV]"]) for row in plane] == pytest.approx([0.01, 0.0316228, 0.1])
    assert all(row["credible mu_e [1e-11 mu_B]"] == "" for row in plane)
    sensitivity = rows(exports / "csv/sensitivity_mu_eff.csv")
    assert [row["exposure [t yr]"] for row in sensitivity] == ["30", "300"]


def test_published_limits_are_exported_as_ours_nowhere(exports: Path, analysis: Outcome) -> None:
    (khan,) = (f.limit for f in read_run(analysis.folder).fits if f.name == "limit-khan")
    assert khan is not None and khan.published
    for path in [*exports.glob("csv/*"), *exports.glob("latex/*"), *exports.glob("hepdata/*")]:
        text = path.read_text(encoding="utf-8")
        assert "0.63" not in re.findall(r"(?<![\d.])\d+\.\d+(?!\d)", text)
        assert "published" not in text.lower()
    found = json.loads((exports / "json/results.json").read_text())
    assert "khan-2022" in {entry["paper"] for entry in found["limits"][1]["published"]}


def test_latex_is_a_booktabs_table_of_both_statements(exports: Path, limit: Limit) -> None:
    text = (exports / "latex/limits.tex").read_text(encoding="utf-8")
    for rule in (r"\toprule", r"\midrule", r"\bottomrule"):
        assert text.count(rule) == 1
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    assert [line.count(" & ") for line in body.strip().splitlines()] == [5, 5]
    for statement in (limit.frequentist, limit.bayesian):
        assert f"$< {end(statement):.3g}$" in body
    assert r"$\mu_\nu^\mathrm{eff}$ [$10^{-11}\,\mu_\mathrm{B}$]" in body
    assert r"90\%" in body and "(1)" in body
    assert text.count("{") == text.count("}")
    for math in re.findall(r"(?<!\\)\$([^$]+)\$", text):
        MathTextParser("path").parse(f"${math}$")  # raises if it is no math


def test_latex_cells_are_escaped_and_readable() -> None:
    assert escape("50% of $x_1$ & \\input{y}") == (
        r"50\% of \$x\_1\$ \& \textbackslash{}input\{y\}"
    )
    assert intervals(((None, 0.64),)) == "$< 0.64$"
    assert intervals(((-2.5, 7.4), (9.0, None))) == r"$(-2.5,\, 7.4)$ or $> 9$"
    assert value(1.5e-7) == r"$1.5 \times 10^{-7}$"
    assert prior_text("flat in mu_e^2 on [0, 9]", "mu_e", r"\mu_e") == (
        r"flat in $(\mu_e)^2$ on [0, 9]"
    )


def test_json_holds_all_results_and_all_tables(exports: Path, analysis: Outcome) -> None:
    found = json.loads((exports / "json/results.json").read_text())
    sizes = {key: len(item) for key, item in found.items() if isinstance(item, list)}
    assert sizes == {
        "limits": 2,
        "curves": 2,
        "profiles": 3,
        "contours": 1,
        "exclusions": 1,
        "sensitivities": 1,
        "comparisons": 0,
        "tables": len(list(tables_of(read_run(analysis.folder)))),
    }
    written = {path.stem for path in exports.glob("csv/*")}
    assert {table["name"] for table in found["tables"]} == written


def test_every_table_has_rows_of_one_length_and_a_sentence(analysis: Outcome) -> None:
    for table in tables_of(read_run(analysis.folder)):
        lengths = {len(column.values) for column in table.columns}
        lengths |= {len(statement.intervals) for statement in table.statements}
        assert len(lengths) == 1 and min(lengths) > 0, table.name
        assert table.caption.endswith(".")
        assert set(table.keys) <= set(table.notes)


def test_spectra_and_parameters_are_exported(exports: Path) -> None:
    spectrum = rows(exports / "csv/spectrum_mu_eff_my-experiment.csv")
    counts = [float(row["observed"]) for row in spectrum]
    observed = load(EXAMPLE / "my-experiment.toml").observed
    assert observed is not None and counts == observed.tolist()
    assert float(spectrum[0]["error observed"]) == pytest.approx(counts[0] ** 0.5)
    fitted = rows(exports / "csv/parameters_mu_eff.csv")
    assert fitted[0]["name"] == "mu_eff" and fitted[0]["unit"] == "1e-11 mu_B"
    pulls = {row["name"]: row["pull"] for row in fitted}
    assert pulls["mu_eff"] == "" and abs(float(pulls["flux_pp"])) < 1.0


def test_calibrated_cuts_bands_and_convergence_are_in_every_format(
    analysis: Outcome, tmp_path: Path
) -> None:
    saved = read_run(analysis.folder)
    calibrated = CalibratedLimit(
        100, (0.0, 0.4, 0.8), (1.5, 2.0, 2.5), (0.1, 0.12, 0.14), ((None, 0.6),)
    )
    (fit,) = (f for f in saved.fits if f.name == "limit-mu_eff")
    assert fit.limit is not None
    fit = replace(fit, limit=replace(fit.limit, calibrated=calibrated))
    ((name, found),) = saved.sensitivities.items()
    band = Band((0.16, 0.5, 0.84), None, (0.2, 0.3, 0.4), 50, 0)
    assert fit.limit.bayesian is not None
    good, bad = (replace(fit.limit.bayesian, converged=state) for state in (True, False))
    found = replace(
        found,
        points=tuple(
            replace(p, band=band, bayesian=b)
            for p, b in zip(found.points, (good, bad), strict=True)
        ),
    )
    run = replace(saved, fits=(fit,), sensitivities={name: found})
    for kind in FORMATS:
        export_run(run, kind, tmp_path / kind)
    (statement,) = (
        row for row in rows(tmp_path / "csv/limits.csv") if row["statement"].startswith("cal")
    )
    assert statement["upper"] == "0.6" and statement["dof"] == "1"
    cuts = rows(tmp_path / "csv/calibrated_cuts_mu_eff.csv")
    assert [(row["cut"], row["error cut"]) for row in cuts][1] == ("2", "0.12")
    bands = rows(tmp_path / "csv/sensitivity_bands_mu_eff.csv")
    assert [row["upper mu_eff, 84% of toys [1e-11 mu_B]"] for row in bands] == ["0.4", "0.4"]
    states = [row["converged"] for row in rows(tmp_path / "csv/sensitivity_mu_eff.csv")]
    assert states == ["", "true", "", "false"]
    expected = (tmp_path / "latex/sensitivity_mu_eff.tex").read_text()
    assert expected.count("(not converged)") == 1
    latex = (tmp_path / "latex/limits.tex").read_text()
    assert r"$\Delta\chi^2$, calibrated" in latex and "$< 0.6$" in latex
    assert r"$2$ $\pm$ $0.12$" in (tmp_path / "latex/calibrated_cuts_mu_eff.tex").read_text()
    of_cuts = [v for name, v in variables(tmp_path / "hepdata") if "cuts" in name]
    assert of_cuts[0]["values"][0]["errors"] == [{"symerror": 0.1, "label": "stat"}]
    of_limit = [v for name, v in variables(tmp_path / "hepdata") if name.startswith("Limits")]
    assert len(of_limit) == 3


def test_the_choices_of_every_face_are_the_table_of_formats() -> None:
    schema = run_file_schema()["$defs"]["Output"]["properties"]["exports"]
    assert schema["items"]["enum"] == list(FORMATS)
    both = tuple(dict.fromkeys((*FORMATS, *LIKELIHOODS)))
    for command, known in ((export_command, both), (limit_command, tuple(FORMATS))):
        parser = ArgumentParser()
        command.configure(parser)
        (choices,) = (a.choices for a in parser._actions if a.dest in ("format", "export"))
        assert choices == known
    for module in FORMATS.values():
        assert callable(importlib.import_module(module).write)


# --- HEPData


def variables(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table, variable) of every dependent variable."""
    import yaml

    for document in list(yaml.safe_load_all((folder / "submission.yaml").read_text()))[1:]:
        data = yaml.safe_load((folder / document["data_file"]).read_text())
        for variable in data["dependent_variables"]:
            yield document["name"], variable


VALIDATE = """
import sys
from hepdata_validator.full_submission_validator import FullSubmissionValidator
validator = FullSubmissionValidator(autoload_remote_schemas=False)
valid = validator.validate(directory=sys.argv[1])
print(validator.get_messages())
sys.exit(not valid)
"""


def test_hepdatas_own_validator_accepts_the_submission(exports: Path) -> None:
    # In a process of its own: the validator leaves files open, which is a warning here.
    words = [sys.executable, "-c", VALIDATE, str(exports / "hepdata")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-500:]


def test_the_submission_has_a_table_for_every_kind_of_result(exports: Path) -> None:
    import yaml

    text = (exports / "hepdata/submission.yaml").read_text()
    comment, *tables = yaml.safe_load_all(text)
    assert "My detector and XENONnT" in comment["comment"]
    names = " | ".join(table["name"] for table in tables)
    kinds = ("Limits on mu_eff", "Delta chi2 of", "Posterior of", "Region of", "Exclusion of")
    for start in (*kinds, "Sensitivity to mu_eff, darwin-30ty"):
        assert start in names
    assert len({table["name"] for table in tables}) == len(tables)
    assert len({table["data_file"] for table in tables}) == len(tables)
    for table in tables:
        assert table["data_license"]["name"] == "CC0-1.0"
        keywords = {entry["name"]: entry["values"] for entry in table["keywords"]}
        assert keywords["reactions"] == ["NU E- --> NU E-"]
        assert "solar neutrinos" in keywords["phrases"] and keywords["observables"]


def test_the_submission_has_units_and_says_level_dof_and_prior(exports: Path, limit: Limit) -> None:
    of_limit = [v for name, v in variables(exports / "hepdata") if name == "Limits on mu_eff"]
    profile, credible = of_limit
    for variable, statement in ((profile, limit.frequentist), (credible, limit.bayesian)):
        assert variable["header"]["units"] == "1e-11 mu_B"
        assert variable["values"] == [{"value": end(statement)}]
        qualifiers = {q["name"]: q["value"] for q in variable["qualifiers"]}
        assert qualifiers["level"] == 90.0
        assert qualifiers["experiments"] == "my-experiment + xenonnt-2022-er"
    assert {q["name"]: q["value"] for q in profile["qualifiers"]}["dof"] == 1
    assert {q["name"]: q["value"] for q in credible["qualifiers"]}["prior"].startswith("flat")


def test_without_pyyaml_hepdata_says_what_to_install(
    analysis: Outcome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert main(["export", str(analysis.folder), "--format", "hepdata"]) == 2
    assert "bayesnu[hepdata]" in capsys.readouterr().err


def test_export_writes_where_it_is_told(analysis: Outcome, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    step = str(analysis.folder / "limit-khan")
    assert main(["export", step, "--format", "latex", "--out", str(one)]) == 0
    assert [path.name for path in one.iterdir()] == ["limits.tex"]
    assert main(["export", step, "--format", "csv", "--format", "json", "-o", str(two)]) == 0
    assert sorted(path.name for path in two.iterdir()) == ["csv", "json"]


def test_a_posterior_without_a_limit_has_nothing_to_export(
    analysis: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(analysis.folder / "sample-charge"), "--format", "csv"]) == 2
    assert "no limits and no scans" in capsys.readouterr().err
