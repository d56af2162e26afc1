"""Rows of files: read one after the other, however long the file is, and written the same way."""
