"""Whatever is wrong in a file gets one sentence: file, key, what was found and is expected."""

import re

import pytest
from experiment_files import OWN_COUNTS, OWN_EFFICIENCY, OWN_MODEL

from bayesnu.errors import InputError
from bayesnu.experiments.loading import load


def refusal(path) -> InputError:
    with pytest.raises(InputError) as caught:
        load(path)
    message = str(caught.value)
    assert re.search(r": found .*, expected .*\.$", message, re.DOTALL), message
    assert "\n" not in message
    return caught.value


MODELS = {
    "missing key": ('title = "A toy detector"\n', "", "title", "this key"),
    "unknown key": (
        "exposure_t_yr",
        "exposure_kg_d = 3\nexposure_t_yr",
        "exposure_kg_d",
        "no such",
    ),
    "no exposure": (
        "exposure_t_yr = 1.0",
        "exposure_t_yr = 0.0",
        "exposure_t_yr",
        "greater than",
    ),
    "NaN": ("exposure_t_yr = 1.0", "exposure_t_yr = nan", "exposure_t_yr", "than"),
    "text": ("exposure_t_yr = 1.0", 'exposure_t_yr = "much"', "exposure_t_yr", "number"),
    "bins descend": ("high_keV = 11.0", "high_keV = 0.5", "bins.0", "bins must ascend"),
    "bins do not divide": ("width_keV = 2.0", "width_keV = 3.0", "bins.0", "must divide"),
    "bins without end": ("width_keV = 2.0", "width_keV = 1e-300", "bins.0", "must divide"),
    "bins with a gap": (
        "bins = [",
        "bins = [{ low_keV = 0.0, high_keV = 0.5, width_keV = 0.5 }, ",
        "bins",
        "ascend without gaps",
    ),
    "unknown channel": ("electron-recoil", "muon-recoil", "channel", "electron-recoil"),
    "unknown likelihood": (
        'title = "A toy detector"',
        'title = "x"\nlikelihood = "guess"',
        "likelihood",
        "poisson",
    ),
    "two shapes": (
        "flat = true\n",
        "flat = true\nlines = [{ energy_keV = 3 }]\n",
        "flat",
        "one of",
    ),
    "no shape": ("flat = true\n", "", "backgrounds.flat", "exactly one of"),
    "no size": ("events = 50\n", "", "backgrounds.flat", "events or decays"),
    "prior without width": (", relative_sigma = 0.1", "", "prior", "relative_sigma"),
    "range descends": ("events = [0, 40]", "events = [40, 2]", "prior", "must ascend"),
    "line out of reach": ("energy_keV = 5.0", "energy_keV = 500.0", "backgrounds.line", "inside"),
    "negative resolution": ("coefficients = [0.3]", "coefficients = [-0.3]", "resolution", "width"),
    "resolution wider than all": ("[0.3]", "[300.0]", "resolution", "width"),
    "missing table": ("counts.csv", "cuonts.csv", "table", "a file beside"),
    "table is a folder": ('"counts.csv"', '"."', "table", "a file beside"),
    "no TOML": ("[efficiency]", "[efficiency", "TOML", "valid TOML"),
}


@pytest.mark.parametrize("case", MODELS)
def test_a_wrong_model_file_is_refused(own_model, case: str) -> None:
    old, new, key, expected = MODELS[case]
    assert old in OWN_MODEL
    error = refusal(own_model(model=OWN_MODEL.replace(old, new, 1)))
    assert error.where.endswith("own.toml")
    assert key in error.key
    assert expected in error.expected


COUNTS = {
    "truncated": (OWN_COUNTS[: OWN_COUNTS.index("7,9")], "every bin"),
    "cut inside a row": (OWN_COUNTS.replace("9,11,9", "9,11"), "3 values"),
    "negative": (OWN_COUNTS.replace("17", "-17"), "at least 0"),
    "NaN": (OWN_COUNTS.replace("17", "nan"), "a finite number"),
    "infinite": (OWN_COUNTS.replace("17", "1e999"), "a finite number"),
    "text": (OWN_COUNTS.replace("17", "many"), "a number"),
    "empty cell": (OWN_COUNTS.replace("17", ""), "a number"),
    "no such column": (OWN_COUNTS.replace("counts", "events"), "a column 'counts'"),
    "a gap": (OWN_COUNTS.replace("3,5,17\n", ""), "every bin"),
    "edges that descend": (OWN_COUNTS.replace("3,5,17", "0.5,5,17"), "more than"),
    "bins of no width": (OWN_COUNTS.replace("1,3,12", "1,1,12"), "> low_keV"),
    "empty": ("", "a line of column names"),
    "only names": ("low_keV,high_keV,counts\n", "at least one row"),
    "twice the same name": (OWN_COUNTS.replace("low_keV", "high_keV"), "distinct names"),
}


@pytest.mark.parametrize("case", COUNTS)
def test_a_wrong_table_of_counts_is_refused(own_model, case: str) -> None:
    text, expected = COUNTS[case]
    assert text != OWN_COUNTS
    assert expected in refusal(own_model(counts=text)).expected


EFFICIENCIES = {
    "above 1": (OWN_EFFICIENCY.replace("0.4", "1.4"), "at most 1"),
    "in percent": (OWN_EFFICIENCY.replace("0.9", "90"), "at most 1"),
    "negative": (OWN_EFFICIENCY.replace("0.4", "-0.4"), "at least 0"),
    "NaN": (OWN_EFFICIENCY.replace("0.4", "NaN"), "a finite number"),
    "energies that descend": (OWN_EFFICIENCY.replace("2,", "0.7,"), "more than"),
}


@pytest.mark.parametrize("case", EFFICIENCIES)
def test_a_wrong_efficiency_is_refused(own_model, case: str) -> None:
    text, expected = EFFICIENCIES[case]
    error = refusal(own_model(efficiency=text))
    assert expected in error.expected
    assert "efficiency.csv" in error.where


def test_an_efficiency_scaled_above_1_is_refused(own_model) -> None:
    path = own_model(model=OWN_MODEL.replace('energy = "true"', 'energy = "true"\nscale = 1.2'))
    assert refusal(path).key == "efficiency.scale"


def test_bytes_that_are_no_text_are_refused(own_model) -> None:
    path = own_model()
    (path.parent / "counts.csv").write_bytes(b"\xff\xfe\x00low")
    assert refusal(path).expected == "text, saved as UTF-8"
    path.write_bytes(b"title = \xff")
    assert refusal(path).key == "TOML"


def test_an_unknown_trust_label_is_refused(own_model) -> None:
    assert refusal(own_model(counts="# trust: believe me\n" + OWN_COUNTS)).key == "trust"


@pytest.mark.parametrize("name", ["xenonnt", "xenonnt-2022-er@nobody-2022", "", "../models/x"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    assert "xenonnt-2022-er" in refusal(name).expected


@pytest.mark.parametrize(
    "name", ["nowhere.toml", "a\0b.toml", "~nobody-there/x.toml", "x" * 5000 + ".toml"]
)
def test_a_path_to_nothing_is_refused(name: str) -> None:
    refusal(name)


def test_a_loop_of_extends_is_refused(tmp_path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text('extends = "two.toml"\n')
    two.write_text('extends = "one.toml"\n')
    error = refusal(one)
    assert (error.key, error.expected) == ("extends", "no loop")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("extends = 3", "extends"),
        ('extends = "nobody"', "name"),
        ('replaces = ["backgrounds"]', "replaces"),
        ('extends = "lz-2022-er"\nreplaces = ["nonsense"]', "replaces"),
        ('extends = "lz-2022-er"\nreplaces = "bins"', "replaces"),
        ('extends = "lz-2022-er"\nreplaces = [["bins"]]', "replaces"),
        ('extends = "a\\u0000b.toml"', "experiment"),
    ],
)
def test_a_wrong_extension_is_refused(tmp_path, text: str, key: str) -> None:
    path = tmp_path / "variant.toml"
    path.write_text(text)
    assert refusal(path).key == key


def test_a_model_file_that_is_too_large_is_refused(own_model) -> None:
    assert refusal(own_model(model=OWN_MODEL + "# " + "x" * 2**20)).key == "size"


def test_two_entries_for_one_bin_are_refused(own_model) -> None:
    two = '[{ counts = "counts.csv" }, { counts = "counts.csv" }]'
    error = refusal(own_model(model=OWN_MODEL.replace('[{ counts = "counts.csv" }]', two)))
    assert "two entries" in error.found


def test_deeply_nested_toml_is_refused(own_model) -> None:
    assert refusal(own_model(model="x = " + "[" * 50_000)).key == "TOML"
