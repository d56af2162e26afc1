"""Which model services can be called? One file each, all behind ``ports.ModelProvider``."""
