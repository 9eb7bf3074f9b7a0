"""What neutrinos do."""
