"""The sun: neutrino spectra and fluxes, oscillation on the way, and moments of the flux."""
