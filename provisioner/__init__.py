"""The core: the SOP, requests, pacts, accounts, credentials, convergence and audit of one office.

Knows neither Flask nor any vendor library of a target; ``tests/test_architecture.py`` holds that.
"""
