"""Accounts, roles, consent and letters."""
