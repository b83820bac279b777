"""Uploads: what is taken, how it is checked and where it lies."""
