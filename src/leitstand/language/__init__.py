"""What can be read off German and English text without a model: words, numbers, dates, names, support."""
