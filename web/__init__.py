"""The web front: parse, call one core method, render. No queries and no rules live here.

Start reading in ``web.app``.
"""
