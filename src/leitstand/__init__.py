"""What is Leitstand, and which version of it is this?"""

__version__ = "0.1.0"
