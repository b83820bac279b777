"""Accounts, appointments, sign-in and what stands between them and a page."""
