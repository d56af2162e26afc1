"""What may stand between a draft and its delivery? One guardrail a file, each reached by its name."""
