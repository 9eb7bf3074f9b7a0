"""Every signal is documented, cited, listed, and its parameters have units, symbols and priors."""

import math
import re
from functools import cache
from pathlib import Path

import pytest

from bayesnu.analyses.bibliography import by_name
from bayesnu.cli import main
from bayesnu.model.signal_prior import signal_prior
from bayesnu.physics.signals import GAUGE_BOSON, SIGNALS

DOCS = Path(__file__).parents[2] / "docs"

SECTIONS = {
    "magnetic-moment": "Magnetic moment",
    "transition-magnetic-moment": "Fundamental moments",
    "dirac-magnetic-moment": "Fundamental moments",
    "millicharge": "Millicharge",
    "charge-radius": "Charge radius and anapole moment",
    "anapole-moment": "Charge radius and anapole moment",
    "sterile-dipole": "Sterile dipole portal",
    "light-mediator": "Light mediators",
    "tensor-mediator": "Tensor mediators",
    "gauge-boson": "Gauge bosons",
    "weak-mixing-angle": "The weak mixing angle",
    "solar-flux": "Fluxes of the sun",
    "neutron-radius": "The neutrons' radius",
    "nsi-electron": "Non-standard interactions",
    "nsi-quark": "Non-standard interactions",
    "nsi-electron-propagation": "Non-standard interactions",
    "nsi-quark-propagation": "Non-standard interactions",
}
"""A signal that is added is written about, in a section that stands here."""


@cache
def sections() -> dict[str, str]:
    """Return what stands below each heading of the page on physics."""
    parts = re.split(r"^#{2,3} (.+)$", (DOCS / "physics.md").read_text("utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("tag", SIGNALS)
def test_a_signal_has_a_section_with_equations_and_sources(tag):
    text = sections()[SECTIONS[GAUGE_BOSON if tag.startswith(GAUGE_BOSON) else tag]]
    assert "$$" in text
    assert re.search(r"arxiv\.org|-20\d\d", text)  # a paper, or one of the papers by its name
    assert (
        tag in text
        or all(f"`{p.name}`" in text for p in SIGNALS[tag]().parameters if not p.shape)
        or tag.startswith(GAUGE_BOSON)
    )


@pytest.mark.parametrize("tag", SIGNALS)
def test_a_signal_can_be_cited(tag):
    found = by_name(SIGNALS[tag]().reference.split()[0])
    assert found is not None
    assert {"title", "year"} <= found.fields.keys()
    assert found.bibtex().startswith("@")


@pytest.mark.parametrize("tag", SIGNALS)
def test_parameters_have_units_symbols_and_proper_priors(tag):
    for signal in (SIGNALS[tag](), SIGNALS[tag]().for_channel("nuclear-recoil")):
        names = [p.name for p in signal.parameters]
        assert len(set(names)) == len(names)
        for p in signal.parameters:
            assert p.unit and p.latex and p.scale > 0.0
            assert 0.0 < p.probe <= p.reach < math.inf
            if not (p.periodic or p.phase):
                prior = signal_prior(p, "flat")
                assert prior.low < prior.high
                assert prior.low <= p.standard <= prior.high or p.shape


def test_all_are_listed(capsys):
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    for tag, make in SIGNALS.items():
        signal = make()
        assert re.search(rf"^  {re.escape(tag)} +{re.escape(signal.title)}$", printed, re.M)
        for p in signal.parameters:
            assert f"{p.name} [{p.unit}]" in printed
