"""Who wakes convergence. ``embedded``: threads in the one process of the default installation."""
