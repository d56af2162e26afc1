"""What does a workflow do when everything around it breaks? Faults with a script, and what must hold meanwhile."""
