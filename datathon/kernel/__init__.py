"""What every room may use: clock, identifiers, errors. Standard library only."""
