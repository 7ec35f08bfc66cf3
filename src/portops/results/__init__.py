"""Results: what a step gives back, and how a notebook shows it."""
