"""Samplers of a compiled log-posterior."""
