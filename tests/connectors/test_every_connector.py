"""The contract, over every connector of ours."""

from connectors.contract.suite import *  # noqa: F403  Whatever the suite holds is run.
