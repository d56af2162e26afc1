"""What does Leitstand survive? Each fault is done to real processes on a real database while cases arrive."""
