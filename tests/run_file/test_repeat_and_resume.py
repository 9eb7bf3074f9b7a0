"""Runs can be repeated with the same numbers, interrupted, and continued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bayesnu.cli import main
from bayesnu.errors import ComputationError, InputError
from bayesnu.run_file import runner
from bayesnu.run_file.runner import run_analysis
from bayesnu.saved.run_info import read_run_info


def numbers(folder: Path) -> dict[str, str]:
    """Return the hash of each step's numbers."""
    return {step.folder: step.numbers for step in read_run_info(folder).steps}


def stop_at(monkeypatch: pytest.MonkeyPatch, label: str, error: BaseException) -> None:
    """Let a step end with an error."""
    original = runner.do_step

    def do(context: Any, step: Any, folder: Path, progress: Any) -> Any:
        if step.label == label:
            raise error
        return original(context, step, folder, progress)

    monkeypatch.setattr(runner, "do_step", do)


def test_an_interrupted_run_keeps_finished_steps_and_continues(
    short: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = run_analysis(short, tmp_path / "whole")
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        stop_at(patch, "mu_e", KeyboardInterrupt())
        assert main(["run", str(short), "--out", str(out)]) == 130
    message = capsys.readouterr()
    kept = f"finished steps are in {out}, and --resume continues."
    assert message.err == f"bayesnu: interrupted; {kept}\n"
    assert message.out == ""
    assert list(numbers(out)) == ["limit-sampled"]
    assert not read_run_info(out).finished
    before = (out / "limit-sampled/posterior.nc").stat().st_mtime_ns
    # Sixty draws do not converge: exit code 1.
    assert main(["run", str(short), "--out", str(out), "--resume"]) == 1
    assert (out / "limit-sampled/posterior.nc").stat().st_mtime_ns == before
    assert "limit-sampled: NOT CONVERGED, kept" in capsys.readouterr().out
    assert numbers(out) == numbers(whole.folder)
    assert read_run_info(out).finished


def test_the_same_run_file_gives_identical_numbers_and_says_so(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    first = run_analysis(short, out)
    draws = (out / "limit-sampled/limit.json").read_text()
    second = run_analysis(out / "analysis.toml")
    assert second.folder == out
    assert second.repeated == {
        "limit-sampled": True,
        "limit-mu_e": True,
        "profile-mu_mu": True,
    }
    assert numbers(out) == {step.folder: step.numbers for step in first.info.steps}
    again = json.loads((out / "limit-sampled/limit.json").read_text())
    for entry in (again, before := json.loads(draws)):
        entry["results"][0].pop("seconds")
        entry.pop("files")  # which have dates
    assert again == before
    assert capsys.readouterr().err == "", "quiet where stderr is no terminal"


def test_another_seed_gives_other_numbers_and_resume_does_only_what_changed(
    short: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = run_analysis(short, out)
    text = short.read_text().replace('parameter = "mu_mu"', 'parameter = "mu_tau"')
    short.write_text(text)
    with pytest.raises(InputError, match="another run file"):
        run_analysis(short, out)
    changed = run_analysis(short, out, resume=True)
    assert changed.kept == ("limit-sampled", "limit-mu_e")
    assert [s.folder for s in changed.info.steps][-1] == "profile-mu_tau"
    short.write_text(text.replace("draws = 60", "draws = 60\nseed = 2"))
    other = run_analysis(short, out, resume=True)
    assert other.kept == ()
    of = {step.folder: step.numbers for step in first.info.steps}
    assert numbers(out)["limit-sampled"] != of["limit-sampled"]
    assert (out / "analysis.toml").read_text() == short.read_text()


def test_a_step_that_fails_does_not_stop_the_others(
    short: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stop_at(monkeypatch, "sampled", ComputationError("The fit did not converge."))
    out = tmp_path / "out"
    assert main(["run", str(short), "--out", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "limit-sampled: The fit did not converge." in printed
    assert list(numbers(out)) == ["limit-sampled", "limit-mu_e", "profile-mu_mu"]
    monkeypatch.undo()
    # What failed is tried again.
    resumed = run_analysis(short, out, resume=True)
    assert resumed.kept == ("limit-mu_e", "profile-mu_mu")
    assert not any(step.error for step in resumed.info.steps)


def test_progress_counts_the_steps_of_the_whole_run(short: Path, tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    text = short.read_text().replace('name = "sampled"', 'method = "profile"')
    short.write_text(text)
    run_analysis(short, tmp_path / "out", progress=lambda f, word: seen.append((f, word)))
    words = [word for _, word in seen]
    for start in ("1/4 limit mu_eff", "2/4 limit mu_e", "3/4 profile mu_mu", "4/4 figures"):
        assert any(word.startswith(start) for word in words), start
    fractions = [fraction for fraction, _ in seen]
    assert fractions[-1] == 1.0 and all(0.0 <= f <= 1.0 for f in fractions)
    # Within a step work may be counted anew, but never below what earlier steps have done.
    steps = [int(word[0]) - 1 for word in words]
    assert all(f >= step / 4 for f, step in zip(fractions, steps, strict=True))


def test_json_is_all_that_is_printed(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short.write_text(short.read_text().replace('name = "sampled"', 'method = "profile"'))
    assert main(["run", str(short), "--out", str(tmp_path / "out"), "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert [step["name"] for step in result["run"]["steps"]] == ["mu_eff", "mu_e", "mu_mu"]
    assert result["run"]["inputs"].keys() == {"xenonnt-2022-er"}
