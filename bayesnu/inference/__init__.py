"""Posterior and profile: two statements from one likelihood."""
