"""Comparing everything a target holds with what was decided, streamed: the plan of convergence, not applied."""
