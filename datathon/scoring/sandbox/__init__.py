"""The two-fork scorer service and its client."""
