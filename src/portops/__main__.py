"""`python -m portops` is the same as `portops`."""

from portops.cli import main

main()
