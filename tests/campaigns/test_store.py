"""Nothing that was finished is lost, and nothing else is taken for it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import Numbers

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.store import Store, read_rows, read_settings, streams
from bayesnu.errors import ComputationError, InputError

COLUMNS = Numbers().columns
FITS = 300

CAMPAIGN = """
import sys
from pathlib import Path
from small import Numbers
from bayesnu.campaigns.runner import run_campaign
if __name__ == "__main__":
    run_campaign(
        Numbers(seconds=0.003), {fits}, cores={cores}, out=Path(sys.argv[1]), resume=True
    )
"""


@pytest.fixture(scope="module")
def reference() -> dict[int, np.ndarray]:
    """The campaign, uninterrupted."""
    found = run_campaign(Numbers(), FITS, cores=1)
    return dict(zip(found.index.tolist(), found.values, strict=True))


def whole(folder: Path, reference: dict[int, np.ndarray]) -> int:
    """Return how many fits a folder has; each must be that of the uninterrupted campaign."""
    rows = read_rows(folder, COLUMNS)
    for index, row in rows.items():
        assert row[0] == 0.0
        assert np.array_equal(row[2:], reference[index])
    return len(rows)


@pytest.mark.parametrize(("cores", "kills"), [(1, 2), (2, 1)])
def test_kill_nine_at_random_moments_loses_no_finished_fit(
    cores: int,
    kills: int,
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    reference: dict[int, np.ndarray],
) -> None:
    script = tmp_path / "campaign.py"
    script.write_text(CAMPAIGN.format(fits=FITS, cores=cores))
    folder = tmp_path / "fits"
    moments = random.Random(20 + cores)
    before = 0
    for _ in range(kills):
        process = start(str(script), str(folder))
        deadline = time.monotonic() + 30.0
        # The moment is counted from the first new fit: start-up takes as long as it takes.
        while process.poll() is None and time.monotonic() < deadline:
            if folder.exists() and whole(folder, reference) > before:
                break
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.15))
        process.kill()
        process.communicate()
        after = whole(folder, reference)
        assert after > before
        before = after
    assert before < FITS, "the campaign was over before it was killed"
    process = start(str(script), str(folder))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert whole(folder, reference) == FITS


def test_workers_end_with_the_process_that_was_killed(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    script = tmp_path / "campaign.py"
    script.write_text(CAMPAIGN.format(fits=100_000, cores=2))
    process = start(str(script), str(tmp_path / "fits"))
    while not streams(tmp_path / "fits"):
        time.sleep(0.02)
        assert process.poll() is None
    children = [
        int(word)
        for path in Path(f"/proc/{process.pid}/task").glob("*/children")
        for word in path.read_text().split()
    ]
    assert len(children) >= 2
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 10.0
    while any(_alive(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_alive(child) for child in children)


def _alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_ctrl_c_keeps_all_and_says_how_to_go_on(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    words = ["-m", "bayesnu", "toys", "xenonnt-2022-er", "--signal", "magnetic-moment"]
    words += ["--parameter", "mu_eff", "--truth", "0", "0.5", "--method", "test"]
    words += ["--no-plots", "--out", "fits", "--number"]
    process = start(*words, "20000", "--cores", "1", cwd=tmp_path)
    while sum(path.stat().st_size for path in streams(tmp_path / "fits")) < 20_000:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume continues" in errors and "Traceback" not in errors
    columns = tuple(read_settings(tmp_path / "fits")["columns"])
    rows = read_rows(tmp_path / "fits", columns)
    assert f"{len(rows)} of 40000 fits" in errors
    number = str(len(rows) // 2)
    again = start(*words, number, "--resume", "--cores", "1", cwd=tmp_path)
    output, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert "Written to fits: coverage.json." in output


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A stream of four fits."""
    folder = tmp_path_factory.mktemp("stream")
    run_campaign(Numbers(), 4, cores=1, out=folder)
    return (folder / "fits-0000.arrows").read_bytes()


def rows_of(raw: bytes, folder: Path) -> dict[int, np.ndarray]:
    (folder / "fits-0000.arrows").write_bytes(raw)
    return read_rows(folder, COLUMNS)


def test_a_stream_torn_anywhere_gives_the_fits_before(
    stream: bytes, tmp_path: Path, reference: dict[int, np.ndarray]
) -> None:
    counts = []
    for length in range(0, len(stream) + 1, 3):
        rows = rows_of(stream[:length], tmp_path)
        assert sorted(rows) == list(range(len(rows)))
        assert all(np.array_equal(row[2:], reference[index]) for index, row in rows.items())
        counts.append(len(rows))
    assert counts == sorted(counts) and set(counts) == {0, 1, 2, 3, 4}


@settings(derandomize=True, max_examples=300, deadline=None, database=None)
@given(data=st.data())
def test_a_stream_with_altered_bytes_gives_no_wrong_fit(
    data: st.DataObject,
    stream: bytes,
    reference: dict[int, np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = bytearray(stream)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = rows_of(bytes(raw), tmp_path_factory.mktemp("altered"))
    except InputError:
        return
    for index, row in rows.items():
        assert np.array_equal(row[2:], reference[index])


def test_a_full_disk_is_one_sentence_and_leaves_the_earlier_fits(
    tmp_path: Path,
    start: Callable[..., subprocess.Popen[str]],
    reference: dict[int, np.ndarray],
) -> None:
    script = tmp_path / "campaign.py"
    script.write_text(
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        + CAMPAIGN.format(fits=FITS, cores=1)
    )
    process = start(str(script), str(tmp_path / "fits"))
    _, errors = process.communicate(timeout=30)
    last = errors.strip().splitlines()[-1]
    done = whole(tmp_path / "fits", reference)
    assert 5 < done < FITS
    assert last.startswith("bayesnu.errors.ComputationError")
    assert f"the {done} before it are safe" in last and "--resume" in last
    found = run_campaign(Numbers(), FITS, cores=1, out=tmp_path / "fits", resume=True)
    assert found.complete and whole(tmp_path / "fits", reference) == FITS


def test_a_campaign_is_not_continued_with_other_settings(tmp_path: Path) -> None:
    run_campaign(Numbers(), 3, cores=1, out=tmp_path)
    with pytest.raises(InputError, match="--resume"):
        run_campaign(Numbers(), 3, cores=1, out=tmp_path)
    with pytest.raises(InputError, match="seed: found 1 in the campaign so far, expected 2"):
        run_campaign(Numbers(), 3, seed=2, cores=1, out=tmp_path, resume=True)
    with pytest.raises(InputError, match="columns"), Store(tmp_path, {}, ("other",), resume=True):
        pass


def test_two_processes_do_not_write_into_one_campaign(tmp_path: Path) -> None:
    first = Store(tmp_path, {"a": 1}, ("x",))
    # The lock belongs to the open file, not to the process: a second opening is refused as well.
    with pytest.raises(ComputationError, match="another process"):
        Store(tmp_path, {"a": 1}, ("x",), resume=True)
    first.close()
    Store(tmp_path, {"a": 1}, ("x",), resume=True).close()


@pytest.mark.parametrize(
    "text", ["", "null", "[1, 2]", "{", '{"a": NaN', "[" * 100_000, "\x00", '"text"']
)
def test_a_damaged_settings_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "campaign.json").write_text(text)
    with pytest.raises(InputError):
        Store(tmp_path, {"a": 1}, ("x",), resume=True)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ComputationError, match="cannot be written"):
        Store(tmp_path / "file" / "folder", {}, ("x",))


def test_files_hold_numbers_and_nothing_that_python_would_run(tmp_path: Path) -> None:
    run_campaign(Numbers(), 3, cores=1, out=tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".campaign.lock", "campaign.json", "fits-0000.arrows"]
    assert os.path.getsize(tmp_path / ".campaign.lock") == 0
    import pyarrow as pa

    table = pa.ipc.open_stream(tmp_path / "fits-0000.arrows").read_all()
    assert {str(field.type) for field in table.schema} <= {"int64", "bool", "double", "uint32"}
