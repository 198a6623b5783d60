"""One folder per kind of target. Each implements the port in :mod:`provisioner.connector`.

Nothing else of the core is imported here.
"""
