"""Where neutrinos come from."""
