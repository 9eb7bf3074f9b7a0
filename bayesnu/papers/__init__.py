"""The analyses of the papers: what they did, recomputed, and what they published."""
