"""Letters: the letter of authorization, and mail."""
