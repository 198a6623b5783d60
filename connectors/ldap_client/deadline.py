"""The time one call of the port may take, whatever number of requests it needs."""

import time


class Deadline:
    """Counts down on the machine's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; zero or less when the time is up."""
        return self._end - time.monotonic()
