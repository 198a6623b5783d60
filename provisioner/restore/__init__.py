"""Restoring a backup: whole or not at all, and held until somebody has confirmed how the systems compare."""
