"""Extensions that turn texts into vectors; none of them downloads anything."""
