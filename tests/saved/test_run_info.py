"""`run.json` says how a run was made; it is read as it was written, or refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from bayesnu.errors import InputError
from bayesnu.saved.run_info import RunInfo, StepInfo, read_run_info

INFO = RunInfo(
    title="a run",
    description="",
    run_file_hash="0",
    command="bayesnu run a.toml",
    started="2026-01-01T00:00:00",
    finished="",
    seed=1,
    settings={"draws": 1000, "backend": "kernel"},
    versions={"bayesnu": "0"},
    inputs={"xenonnt-2022-er": "0"},
    steps=(StepInfo("limit", "mu_eff", key="1", numbers="2"),),
    wanted=1,
)


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    INFO.write(tmp_path)
    assert read_run_info(tmp_path) == INFO


def test_a_run_is_fine_when_every_step_is_there_and_converged() -> None:
    (step,) = INFO.steps
    assert INFO.fine
    assert not replace(INFO, wanted=2).fine
    assert not replace(INFO, steps=(replace(step, converged=False),)).fine
    assert not replace(INFO, steps=(replace(step, error="it failed"),)).fine


@pytest.mark.parametrize(
    ("good", "bad"),
    [('"mu_eff"', '"../mu_eff"'), ('"limit"', '"attack"'), ('"seed": 1', '"seed": "one"')],
)
def test_a_run_json_that_was_altered_is_refused(good: str, bad: str, tmp_path: Path) -> None:
    path = INFO.write(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, bad), encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json"):
        read_run_info(tmp_path)
