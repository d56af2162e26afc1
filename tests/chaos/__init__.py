"""Does Leitstand lose a case, or do one thing twice, when it is killed at any moment?"""
