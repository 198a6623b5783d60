"""Signing the office's papers as PAdES, and telling what a signed file is worth."""
