"""The files of a result: complete, whole or absent, and readable without bayesnu."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import MOMENT, Run, environment
from monte_carlo import seed

from bayesnu.cli import main
from bayesnu.errors import ComputationError
from bayesnu.files.whole import check_writable, whole, write_text

PROFILE = ("limit", "xenonnt-2022-er", *MOMENT, "--method", "profile")


def test_a_limit_writes_numbers_posterior_and_pictures(demo: Run) -> None:
    assert sorted(path.name for path in demo.folder.iterdir()) == [
        "corner.png",
        "limit.json",
        "posterior.nc",
        "profile.png",
        "record.json",
        "spectrum_xenonnt-2022-er.png",
    ]


def test_json_without_out_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*PROFILE, "--json"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_default_folder_names_experiment_signal_and_parameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*PROFILE, "--no-plots"]) == 0
    written = Path("results/xenonnt-2022-er/magnetic-moment/mu_eff/limit.json")
    assert written.is_file()


def test_files_of_an_earlier_run_do_not_stay_beside_new_numbers(tmp_path: Path) -> None:
    (tmp_path / "limit.json").write_text("{}")
    (tmp_path / "posterior.nc").write_text("of another run")
    (tmp_path / "notes.txt").write_text("mine")
    assert main([*PROFILE, "--no-plots", "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "limit.json",
        "notes.txt",
        "record.json",
    ]


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a" / "b.txt", "first")
    with pytest.raises(RuntimeError), whole(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [item.name for item in path.parent.iterdir()] == ["b.txt"]


def test_ctrl_c_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole(tmp_path / "a.nc") as partial:
        partial.write_text("half")
        os.kill(os.getpid(), signal.SIGINT)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ComputationError, match="No space left"), whole(tmp_path / "a"):
        raise OSError(28, "No space left on device")


def test_check_writable_makes_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


WITHOUT_BAYESNU = """
import sys
sys.modules["bayesnu"] = None  # importing it now fails
import arviz as az
import corner
import numpy as np
import xarray as xr

tree = xr.open_datatree(sys.argv[1])
assert {"posterior", "sample_stats", "log_likelihood", "log_prior", "prior", "prior_predictive",
        "posterior_predictive", "observed_data", "constant_data"} <= set(tree.children)
assert tree.posterior.mu_eff.attrs["unit"] == "1e-11 mu_B"
assert tree.attrs["seed"] == int(sys.argv[2])
summary = az.summary(tree, var_names=["mu_eff"], round_to="none")
assert float(summary.loc["mu_eff", "r_hat"]) < 1.01
figure = corner.corner(tree, var_names=["mu_eff", "flux_pp"])
assert figure.axes[-1].get_xlabel() == "flux_pp"
az.plot_dist(tree, var_names=["mu_eff"])
az.plot_ppc_dist(tree)
again = az.from_netcdf(sys.argv[1])
assert np.array_equal(again.posterior.mu_eff, tree.posterior.mu_eff)
print("read")
"""


def test_the_posterior_is_read_by_xarray_arviz_and_corner_without_bayesnu(
    demo: Run, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_BAYESNU, str(demo.folder / "posterior.nc"), str(seed())],
        capture_output=True,
        text=True,
        env=environment(MPLBACKEND="agg"),
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout.strip() == "read", done.stderr


def test_a_run_that_has_not_converged_says_so_and_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["limit", "xenonnt-2022-er", *MOMENT, "--method", "posterior", "--no-files"]
    assert main([*words, "--draws", "20", "--tune", "60"]) == 1
    assert "NOT CONVERGED" in capsys.readouterr().out


def test_the_limit_is_printed_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bayesnu.output.plots import limit as plots

    def printed_by_now(*given: object) -> None:
        assert "Delta chi2 < 2.706" in capsys.readouterr().out
        assert (tmp_path / "limit.json").is_file()
        raise ComputationError("enough")

    monkeypatch.setattr(plots, "draw_spectrum", printed_by_now)
    assert main([*PROFILE, "--out", str(tmp_path)]) == 1
    assert "enough" in capsys.readouterr().err


def test_two_limits_with_one_folder_leave_one_whole_result(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "bayesnu", *PROFILE, "--no-plots", "--out", "here"]
    both = [
        subprocess.Popen(
            words,
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 1], [0, 0])  # the second may begin when the first has ended
    for process, (_, errors) in zip(both, said, strict=True):
        if process.returncode:
            assert "another process (" in errors and "is writing into this folder" in errors
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == [
        "limit.json",
        "record.json",
    ]
    assert json.loads((tmp_path / "here" / "limit.json").read_text())["results"]


def test_a_limit_is_printed_even_if_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bayesnu.files.whole.os.replace", full)
    assert main([*PROFILE, "--out", str(tmp_path / "here")]) == 1
    printed = capsys.readouterr()
    assert "Delta chi2 < 2.706" in printed.out
    assert "record.json: cannot be written: No space left on device." in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        PROFILE,
        ("sample", "xenonnt-2022-er", *MOMENT),
        ("toys", "xenonnt-2022-er", *MOMENT, "--number", "4"),
    ],
)
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def computed(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("bayesnu.analyses.limit.limit_run", computed)
    monkeypatch.setattr("bayesnu.inference.posterior.sample", computed)
    monkeypatch.setattr("bayesnu.campaigns.coverage.toys", computed)
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        assert main([*words, "--out", str(folder)]) == 1
        assert "cannot be written" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_refused_before_anything_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").mkdir()
    for command in ("profile", "rates"):
        words = [command, "xenonnt-2022-er", *(MOMENT if command == "profile" else ())]
        assert main([*words, "--plot", str(tmp_path / "a.png")]) == 1
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("a folder is there")) == ("", 1)
