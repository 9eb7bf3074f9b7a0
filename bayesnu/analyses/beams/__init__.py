"""Questions about fundamental moments, seen by several beams."""
