"""Submit: NUMBERS become REQUESTS, and each request reaches the provider exactly once."""
