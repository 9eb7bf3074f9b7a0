"""What an experiment is: its file, tables, response, backgrounds, observed counts."""
