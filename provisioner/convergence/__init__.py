"""Bringing every target to what the office decided: plan (pure), claim, converge, record."""
