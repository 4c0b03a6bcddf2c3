"""Hosts: each converts its own values to Python values, and nothing more."""
