"""Property-based: whatever stands in a file, it is loaded whole or refused with a sentence."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from experiment_files import OWN_COUNTS, OWN_EFFICIENCY, OWN_MODEL, write_own
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.model.rate import standard_model_counts

QUICK = settings(derandomize=True, max_examples=150, deadline=None, database=None)

NUMBERS = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")

JUNK = st.one_of(
    st.sampled_from(
        ["nan", "inf", "-inf", "-1", "-0.5", "true", '"text"', '""', "[]", "{}", "[[]]", "1e400"]
    ),
    st.sampled_from(["1979-05-27", "0x10", "1_000", "'''a'''", "[1, 2, 3]", "{a = 1}", "1e-320"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**40), 10**40).map(str),
)

CELL_JUNK = st.one_of(
    st.sampled_from(["nan", "inf", "-inf", "1e999", "-1", "-1e-9", "", " ", "x", "0x10", "1,2"]),
    st.text(alphabet="abcXYZ\"'#%;\t\0é", min_size=1, max_size=6),
)


def load_or_refuse(
    model: str = OWN_MODEL, counts: str = OWN_COUNTS, efficiency: str = OWN_EFFICIENCY
) -> Experiment | InputError:
    """Load a user's experiment from a fresh folder; anything but a clear refusal escapes."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_own(Path(folder), model, counts, efficiency)
        try:
            return load(path)
        except InputError as error:
            message = str(error)
            assert ": found " in message and ", expected " in message, message
            assert message.endswith(".") and "\n" not in message, message
            assert "own.toml" in message or ".csv" in message or "experiment" in message, message
            return error


def assert_whole(experiment: Experiment) -> None:
    """What was loaded has every part, and no number in it is missing or absurd."""
    assert experiment.bins >= 1
    assert (np.diff(experiment.edges) > 0).all()
    # A file without data is a projection: loaded as one, and refused where data are needed.
    observed = np.zeros(experiment.bins) if experiment.observed is None else experiment.observed
    for counts in (
        observed,
        *(background.counts for background in experiment.backgrounds),
        standard_model_counts(experiment),
    ):
        assert counts.shape == (experiment.bins,)
        assert np.isfinite(counts).all() and (counts >= 0).all()
    assert np.isfinite(experiment.response).all()


def test_the_unbroken_experiment_loads() -> None:
    found = load_or_refuse()
    assert isinstance(found, Experiment)
    assert_whole(found)


@QUICK
@given(st.data())
def test_any_number_of_a_model_file_may_be_junk(data: st.DataObject) -> None:
    places = list(NUMBERS.finditer(OWN_MODEL))
    place = data.draw(st.sampled_from(places))
    text = OWN_MODEL[: place.start()] + data.draw(JUNK) + OWN_MODEL[place.end() :]
    found = load_or_refuse(model=text)
    if isinstance(found, Experiment):
        assert_whole(found)


@QUICK
@given(st.data())
def test_any_line_of_a_model_file_may_be_lost_doubled_or_garbled(data: st.DataObject) -> None:
    lines = OWN_MODEL.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    junk = data.draw(st.text(max_size=30))
    change = data.draw(st.sampled_from(["lose", "double", "garble", "insert"]))
    if change == "lose":
        del lines[index]
    elif change == "double":
        lines.insert(index, lines[index])
    elif change == "garble":
        middle = len(lines[index]) // 2
        lines[index] = lines[index][:middle] + junk + lines[index][middle:]
    else:
        lines.insert(index, junk)
    found = load_or_refuse(model="\n".join(lines).encode("utf-8", "replace").decode())
    if isinstance(found, Experiment):
        assert_whole(found)


@QUICK
@given(st.integers(0, len(OWN_MODEL) - 1))
def test_a_truncated_model_file_is_never_half_read(length: int) -> None:
    found = load_or_refuse(model=OWN_MODEL[:length])
    # Cut between two backgrounds what is left is a whole file; anywhere else it is refused.
    if isinstance(found, Experiment):
        assert_whole(found)
        kept = OWN_MODEL[:length]
        assert len(found.backgrounds) == kept.count("[backgrounds.") >= 1


@QUICK
@given(st.integers(0, len(OWN_COUNTS.rstrip()) - 1))
def test_a_truncated_table_of_counts_is_refused(length: int) -> None:
    assert isinstance(load_or_refuse(counts=OWN_COUNTS[:length]), InputError)


@QUICK
@given(st.integers(0, 4), st.integers(0, 2), CELL_JUNK)
def test_a_junk_cell_of_the_counts_is_refused(row: int, column: int, junk: str) -> None:
    rows = [line.split(",") for line in OWN_COUNTS.splitlines()]
    rows[row + 1][column] = junk
    found = load_or_refuse(counts="\n".join(",".join(cells) for cells in rows) + "\n")
    assert isinstance(found, InputError)


@QUICK
@given(st.integers(0, 3), st.floats(allow_nan=True, allow_infinity=True))
def test_an_efficiency_outside_0_to_1_is_refused(row: int, value: float) -> None:
    rows = [line.split(",") for line in OWN_EFFICIENCY.splitlines()]
    rows[row + 1][1] = repr(value)
    found = load_or_refuse(efficiency="\n".join(",".join(cells) for cells in rows) + "\n")
    assert isinstance(found, Experiment) == (0.0 <= value <= 1.0)


@QUICK
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_as_a_model_and_as_a_table(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_own(Path(folder))
        (path.parent / "counts.csv").write_bytes(raw)
        with pytest.raises(InputError):
            load(path)
        path.write_bytes(raw)
        with pytest.raises(InputError):
            load(path)


@QUICK
@given(
    st.sampled_from(['"counts.csv"', '"efficiency.csv"']),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_any_text_as_the_name_of_a_table_is_refused(name: str, text: str) -> None:
    escaped = "".join(f"\\U{ord(c):08X}" for c in text)
    found = load_or_refuse(model=OWN_MODEL.replace(name, f'"{escaped}"'))
    assert isinstance(found, InputError)
