"""What solar neutrinos in xenon detectors say about the neutrino's electromagnetic properties."""

__version__ = "0.1.0"
