"""Results as frozen plain values: computed, saved and drawn are the same."""
