"""Editions, their calendar and their challenges; the files under challenges/ are the truth."""
