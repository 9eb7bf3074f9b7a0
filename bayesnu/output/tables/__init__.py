"""Results as CSV, LaTeX, JSON and HEPData."""
