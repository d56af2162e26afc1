"""How does somebody test an extension of their own? Contracts to inherit, and servers that misbehave on purpose."""
