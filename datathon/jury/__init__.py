"""Conflicts, sheets and marks."""
