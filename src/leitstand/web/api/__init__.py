"""Which addresses does the API have, and which handler answers each?"""
