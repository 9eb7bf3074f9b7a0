"""pyhf workspaces are read as likelihoods with pyhf's own chi2, or refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monte_carlo import generator, stochastic

from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.likelihood.joint import joint_likelihood
from bayesnu.likelihood.workspace import read_pyhf

# pyhf validates with what jsonschema has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


def modifier(kind: str, name: str, data: Any = None) -> dict[str, Any]:
    return {"name": name, "type": kind, "data": data}


def spec() -> dict[str, Any]:
    """One modifier of every kind; shifts are symmetric, which all interpolation codes agree on."""
    signal = {
        "name": "signal",
        "data": [1.0, 3.0, 2.0],
        "modifiers": [
            modifier("normfactor", "mu"),
            modifier("lumi", "lumi"),
            modifier("histosys", "shape", {"hi_data": [1.2, 3.3, 1.9], "lo_data": [0.8, 2.7, 2.1]}),
        ],
    }
    flat = {
        "name": "flat",
        "data": [9.0, 8.0, 7.0],
        "modifiers": [
            modifier("normsys", "norm", {"hi": 1.25, "lo": 0.8}),
            modifier("histosys", "shape", {"hi_data": [9.5, 8.0, 6.5], "lo_data": [8.5, 8.0, 7.5]}),
            modifier("staterror", "mc", [0.9, 0.7, 0.5]),
        ],
    }
    rest = {
        "name": "rest",
        "data": [2.0, 3.0, 4.0],
        "modifiers": [modifier("staterror", "mc", [0.3, 0.3, 0.4]), modifier("normfactor", "size")],
    }
    other = {
        "name": "flat",
        "data": [5.0, 6.0],
        "modifiers": [modifier("shapesys", "uncorrelated", [1.0, 1.5])],
    }
    free = {"name": "free", "data": [1.0, 1.0], "modifiers": [modifier("shapefactor", "any")]}
    luminosity = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.5, 1.5]]}
    config = {"poi": "mu", "parameters": [luminosity | {"inits": [1.0]}]}
    return {
        "channels": [
            {"name": "one", "samples": [signal, flat, rest]},
            {"name": "two", "samples": [other, free]},
        ],
        "observations": [{"name": "one", "data": [12, 17, 11]}, {"name": "two", "data": [7, 6]}],
        "measurements": [{"name": "search", "config": config}],
        "version": "1.0.0",
    }


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(found: Any) -> Path:
        path = tmp_path / "workspace.json"
        path.write_text(json.dumps(found), encoding="utf-8")
        return path

    return to_file


@stochastic
def test_chi2_is_that_of_pyhf_for_every_kind_of_modifier(write: Any) -> None:
    import pyhf

    ours = read_pyhf(write(spec()))
    workspace = pyhf.Workspace(spec())
    model = workspace.model(modifier_settings={"normsys": {"interpcode": "code1"}})
    data = workspace.data(model)
    rng = generator(1)
    found = []
    for _ in range(20):
        x = ours.start + 0.2 * rng.uniform(-1.0, 1.0, size=len(ours.names))
        x[ours.index("mu")] = rng.uniform(0.1, 2.0)
        values = dict(zip(ours.names, x, strict=True))
        values["norm"] = np.log(values["norm"]) / np.log(1.25)
        theirs = [
            values[name if model.config.param_set(name).is_scalar else f"{name}_{i}"]
            for name in model.config.par_order
            for i in range(model.config.param_set(name).n_parameters)
        ]
        found.append(float(ours.chi2(x)) + 2.0 * float(model.logpdf(theirs, data)[0]))
    # The constant is that of the observed counts; the rest is rounding.
    assert np.ptp(found) < 1e-8


def test_the_parameter_of_interest_is_a_signal_with_an_upper_limit(write: Any) -> None:
    ours = read_pyhf(write(spec()))
    assert ours.signals == ("mu",)
    ((_, upper),) = profile(ours, "mu").intervals(2.706)
    assert upper is not None and 0.0 < upper < 10.0


def test_a_normfactor_can_be_the_square_of_a_parameter(write: Any) -> None:
    plain, square = read_pyhf(write(spec())), read_pyhf(write(spec()), powers={"mu": ("g", 2)})
    x = plain.point({"mu": 0.49})
    assert float(plain.chi2(x)) == pytest.approx(float(square.chi2(square.point({"g": 0.7}))))
    (first,), (second,) = (
        profile(one, name).intervals(2.706) for one, name in ((plain, "mu"), (square, "g"))
    )
    assert first[1] == pytest.approx(second[1] ** 2, rel=1e-4)


def test_a_workspace_is_a_constraint_beside_a_likelihood(write: Any) -> None:
    first = read_pyhf(write(spec()))
    other = spec()
    for channel, counts in zip(other["channels"], other["observations"], strict=True):
        channel["name"] = counts["name"] = f"second_{channel['name']}"
        for sample in channel["samples"]:
            for entry in sample["modifiers"]:
                if entry["type"] in ("staterror", "shapesys", "shapefactor"):
                    entry["name"] += "_second"
    second = read_pyhf(write(other))
    both = joint_likelihood([first, second])
    x = both.point({"mu": 0.4, "shape": 0.3, "lumi": 1.01})
    values = dict(zip(both.names, x, strict=True))
    parts = [
        float(one.chi2(np.array([values[name] for name in one.names]))) for one in (first, second)
    ]
    shared = [name for name in first.names if name in second.names]
    pulls = both.pulls(x)[[both.index(name) for name in shared]].sum()
    assert float(both.chi2(x)) == pytest.approx(sum(parts) - pulls, rel=1e-12)
    assert set(shared) == {"mu", "lumi", "shape", "norm", "size"}


def test_a_joint_likelihood_of_the_same_data_is_refused(write: Any) -> None:
    one = read_pyhf(write(spec()))
    with pytest.raises(InputError, match="distinct"):
        joint_likelihood([one, one])


def broken(change: str) -> Any:
    found = spec()
    samples = found["channels"][0]["samples"]
    if change == "asymmetric normsys":
        samples[1]["modifiers"][0]["data"]["lo"] = 0.7
    elif change == "unknown modifier":
        samples[1]["modifiers"][0]["type"] = "magic"
    elif change == "two widths":
        samples[0]["modifiers"].append(modifier("normsys", "norm", {"hi": 2.0, "lo": 0.5}))
    elif change == "short sample":
        samples[0]["data"] = [1.0]
    elif change == "no errors":
        samples[1]["modifiers"][2]["data"] = samples[2]["modifiers"][0]["data"] = [0.0, 0.1, 0.1]
    elif change == "no number":
        samples[0]["data"][1] = float("nan")
    elif change == "negative":
        found["observations"][0]["data"][0] = -1
    elif change == "huge":
        found["observations"][0]["data"][0] = 10**400
    elif change == "bounds":
        found["measurements"][0]["config"]["parameters"][0]["bounds"] = [[1.5, 0.5]]
    elif change == "no observations":
        found["observations"] = []
    return [1, 2] if change == "no workspace" else found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("asymmetric normsys", "normsys norm: found lo = 0.7, hi = 1.25"),
        ("unknown modifier", "the modifier magic"),
        ("two widths", "two kinds of modifier, or two widths"),
        ("short sample", "found 1 counts, expected 3"),
        ("no errors", "a bin without counts or errors"),
        ("no number", "counts that are no numbers"),
        ("negative", "non-negative counts"),
        ("huge", "pyhf's schema"),
        ("bounds", "two finite numbers"),
        ("no observations", "pyhf's schema"),
        ("no workspace", "pyhf's schema"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(write: Any, change: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        read_pyhf(write(broken(change)))
    assert words in str(raised.value) and "\n" not in str(raised.value)
