"""Likelihoods for other people's codes: pyhf, HS3, and plain templates."""
