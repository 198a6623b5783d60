"""The archive: what a case file carries away, and how anybody can verify it without this project."""
