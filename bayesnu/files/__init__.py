"""Files as they are: tables with source and trust, entries, whole or not at all, checked."""
