"""The only room that knows Flask."""
