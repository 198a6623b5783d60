"""Backups: one consistent, verified file of everything but the keys, made while the service runs, for either store."""
