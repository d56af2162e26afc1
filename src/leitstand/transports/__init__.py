"""Which HTTP clients can carry our requests? One file each, all behind ``ports.Transport``."""
