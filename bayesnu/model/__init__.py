"""Experiments and a signal make a likelihood."""
