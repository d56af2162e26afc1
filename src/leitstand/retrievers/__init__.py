"""Extensions that search the sources of a workflow."""
