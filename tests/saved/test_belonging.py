"""Files of different results are not taken for one, and an altered one is noticed."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bayesnu import read_posterior, read_run, write_posterior
from bayesnu.cli import main
from bayesnu.cli.options.default_folder import question_folder
from bayesnu.errors import ComputationError, InputError
from bayesnu.files.tables import packaged_folder
from bayesnu.output.earlier import clear_earlier
from bayesnu.output.limit_files import write_limit
from bayesnu.run_file.runner import Outcome, run_analysis
from bayesnu.saved.belonging import experiment_names

READERS = (["report"], ["plot"], ["export", "--format", "csv"])


@pytest.fixture
def limit(analysis: Outcome, tmp_path: Path) -> Path:
    """A folder with a limit, its record and its posterior."""
    return Path(shutil.copytree(analysis.folder / "limit-mu_eff", tmp_path / "limit"))


def refused(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Check that everything that reads a result refuses it because of one file."""
    capsys.readouterr()
    for words in READERS:
        assert main([words[0], str(folder), *words[1:]]) == 2
        message = capsys.readouterr().err
        assert message.count("\n") == 1 and f"{folder / name}: " in message, message


def test_a_posterior_of_another_analysis_is_refused(
    limit: Path, analysis: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(analysis.folder / "sample-charge/posterior.nc", limit / "posterior.nc")
    refused(limit, "posterior.nc", capsys)
    # The limit may go without its draws.
    (limit / "posterior.nc").unlink()
    assert not read_run(limit).fits[0].has_posterior


def test_a_record_of_another_limit_is_refused(
    limit: Path, analysis: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(analysis.folder / "limit-khan/record.json", limit / "record.json")
    refused(limit, "record.json", capsys)


def test_a_posterior_beside_a_limit_without_one_is_refused(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(analysis.folder / "limit-khan", tmp_path / "khan"))
    assert read_run(folder).fits[0].limit is not None
    shutil.copy(analysis.folder / "sample-charge/posterior.nc", folder / "posterior.nc")
    refused(folder, "posterior.nc", capsys)


def test_files_without_digests_are_of_one_analysis_too(limit: Path, analysis: Outcome) -> None:
    entries = json.loads((limit / "limit.json").read_text())
    del entries["files"]
    (limit / "limit.json").write_text(json.dumps(entries))
    assert read_run(limit).fits[0].tree is not None
    shutil.copy(analysis.folder / "sample-charge/posterior.nc", limit / "posterior.nc")
    with pytest.raises(InputError, match=r"experiments: found .*as the limit has it"):
        _ = read_run(limit).fits[0].tree


def test_an_earlier_limit_stays_whole_where_the_next_posterior_has_no_space(
    limit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = read_run(limit).fits[0]
    assert fit.record is not None and fit.tree is not None

    def full(*_: object) -> None:
        raise ComputationError("No space left on device.")

    with monkeypatch.context() as patch:
        patch.setattr("bayesnu.inference.storage.write_bytes", full)
        with pytest.raises(ComputationError, match="No space"):
            write_limit(fit.record, fit.tree, limit)
    again = read_run(limit).fits[0]
    assert again.tree is not None and again.limit == fit.limit


def test_a_step_of_another_run_is_refused(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(analysis.folder, tmp_path / "run"))
    name = "profile-mu_eff/profile.json"
    (folder / name).write_text((folder / name).read_text().replace('"level": 0.9', '"level": 0.8'))
    refused(folder, name, capsys)


def test_resume_does_again_what_is_missing_torn_or_altered(short: Path, tmp_path: Path) -> None:
    short.write_text(short.read_text().replace('name = "sampled"', 'method = "profile"'))
    out = tmp_path / "out"
    first = run_analysis(short, out)
    limits, curve = out / "limit-mu_eff/limit.json", out / "profile-mu_mu/profile.json"
    good = limits.read_text(), curve.read_bytes()
    everything = ("limit-mu_eff", "limit-mu_e", "profile-mu_mu")
    assert run_analysis(short, out, resume=True).kept == everything
    shutil.rmtree(out / "limit-mu_e")
    curve.write_bytes(good[1][: len(good[1]) // 2])
    assert run_analysis(short, out, resume=True).kept == ("limit-mu_eff",)
    assert curve.read_bytes() == good[1]
    limits.write_text(good[0].replace("0.9", "0.8", 1))
    done = run_analysis(short, out, resume=True)
    assert done.kept == everything[1:] and done.repeated == {"limit-mu_eff": True}
    assert [s.numbers for s in done.info.steps] == [s.numbers for s in first.info.steps]


def test_what_was_made_of_an_earlier_result_goes_and_nothing_else(tmp_path: Path) -> None:
    ours = ["report.html", "profile.png", "spectrum_a.pdf", "exports/csv/limits.csv"]
    ours += ["exports/hepdata/submission.yaml", "exports/latex/limits.tex", "corner.svg"]
    mine = ["notes.txt", "exports/mine.csv", "exports/csv/notes.txt", "photo.png", "my/report.html"]
    for name in (*ours, *mine):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "results.json").write_text("mine")
    (tmp_path / "exports/json").symlink_to(elsewhere)
    (tmp_path / "trace.png").symlink_to(tmp_path / "photo.png")
    clear_earlier(tmp_path)
    assert not any((tmp_path / name).exists() for name in ours)
    assert all((tmp_path / name).exists() for name in (*mine, "elsewhere/results.json"))


def test_another_question_has_another_default_folder() -> None:
    usual = {"fit": "one-at-a-time", "level": 0.9, "prior": "flat", "dof": 1, "set": []}

    def name(**options: object) -> str:
        return question_folder("mu_e", argparse.Namespace(**{**usual, **options}))

    others = [
        name(),
        name(level=0.95),
        name(level=0.9500001),
        name(prior="log"),
        name(fit="marginal"),
        name(dof=2),
        name(free=["mu_mu"]),
        name(free=["mu_mu", "mu_tau"]),
        name(set=["m4=0.1"]),
        name(set=["m4=-0.1"]),
        name(asimov=True),
        name(asimov=True, truth=["mu_mu=1"]),
        name(exposure=30.0),
        name(scale=["Xe136=0.01"]),
        name(set=[f"{letter * 40}=1" for letter in "abcdef"]),
        name(set=[f"{letter * 40}=1" for letter in "abcdeg"]),
    ]
    assert others[0] == "mu_e" and len(set(others)) == len(others)
    assert name(set=["b=1", "a=2"]) == name(set=["a=2", "b=1"])
    assert all("/" not in other and len(other) < 200 for other in others)


def test_a_name_with_a_space_is_one_experiment(
    analysis: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes = {"experiments": "my file lz", "inputs_hash": f"my file:{'a' * 16} lz:{'0' * 16}"}
    assert experiment_names(attributes) == ("my file", "lz")
    assert experiment_names({"experiments": "a b"}) == ("a", "b"), "as files without digests say it"


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no Chinese
def test_two_names_of_one_script_have_two_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert packaged_folder("models").is_dir()
    for name in ("氙", "锗"):
        Path(f"{name}.toml").write_text('extends = "xenonnt-2022-er"\nsupersedes = []\n')
    words = ["limit", "氙.toml", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    words += ["--method", "profile", "--out"]
    assert main([*words, "one"]) == 0
    words[1] = "锗.toml"
    assert main([*words, "two"]) == 0
    names = [sorted(p.name for p in Path(of).glob("spectrum_*")) for of in ("one", "two")]
    assert names[0] != names[1] and all(len(found) == 1 for found in names)
    assert main(["plot", "one", "--kind", "spectrum"]) == 0
    assert [p.name for p in Path("one").glob("spectrum_*")] == names[0], "the same name again"


def test_draws_that_were_changed_are_noticed(analysis: Outcome, tmp_path: Path) -> None:
    tree = read_posterior(analysis.folder / "sample-charge/posterior.nc")
    path = write_posterior(tree, tmp_path / "posterior.nc")
    draws = np.asarray(tree["posterior"]["q_ee"]).astype("<f8").tobytes()[:64]
    raw = bytearray(path.read_bytes())
    place = raw.find(draws)
    assert place > 0
    read_posterior(path)
    raw[place + 3] ^= 1
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"checksum: found .*, expected"):
        read_posterior(path)


def test_a_map_with_fewer_levels_than_lines_is_refused(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = analysis.folder.glob("contour-*")
    folder = Path(shutil.copytree(found, tmp_path / "contour"))
    entries = json.loads((folder / "contour.json").read_text())
    entries["results"][0]["levels"].pop()
    (folder / "contour.json").write_text(json.dumps(entries))
    refused(folder, "contour.json", capsys)
