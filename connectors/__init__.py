"""One folder per kind of target. Each implements the port in :mod:`provisioner.connector` and imports nothing else of the core."""
