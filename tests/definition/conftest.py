"""No deadline for one example: the machine that runs the tests is shared, and speed has tests of its own."""

from hypothesis import settings

settings.register_profile("shared_machine")
settings.load_profile("shared_machine")
