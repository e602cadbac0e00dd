"""From a received file to a score record."""
