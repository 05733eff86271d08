"""Compare: the character beside two to four actors."""
