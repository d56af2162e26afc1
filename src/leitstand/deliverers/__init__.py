"""Where can an accepted output go? One file each, all behind ``ports.Deliverer``."""
