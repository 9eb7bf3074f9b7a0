"""What they scatter on."""
