"""Datathon platform: importing this package costs nothing."""
