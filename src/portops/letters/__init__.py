"""Letters: the letter of authorization, and the mail that carries it."""
