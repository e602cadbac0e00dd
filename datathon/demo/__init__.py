"""The demonstration: every service started by one command, and an edition with people in it."""
