"""Track: what happened to every request and number, and where each is now."""
