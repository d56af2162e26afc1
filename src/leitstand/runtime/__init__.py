"""What the system does, one verb per file; it knows ports, never their makers."""
