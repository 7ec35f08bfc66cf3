"""Report: figures from EVENTS, pictures of them, and the pages that managers read."""
