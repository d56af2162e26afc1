"""What things are and what is decided: standard library only, no I/O, no clock, no randomness."""
