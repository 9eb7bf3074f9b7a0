"""Pictures of plain values."""
