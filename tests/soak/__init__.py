"""Does anything grow inside a server that works for long, while what surrounds it misbehaves?"""
