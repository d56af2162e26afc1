"""What can be read off German and English text without a model: words, stems, numbers, dates, names, negation, support."""
