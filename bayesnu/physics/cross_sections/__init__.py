"""Cross sections of solar neutrinos on electrons and nuclei, one interaction a file.

Each function returns the `~bayesnu.physics.cross_sections.coefficients.Coefficients` of a
polynomial
in the inverse neutrino energy at fixed recoil energy. Targets are free electrons (multiply
by the effective number of electrons, `~bayesnu.physics.targets.atom`) or whole nuclei.
"""
