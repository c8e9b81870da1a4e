"""Practising questions: the bank, the verdict on an answer, what is asked next, and when again."""
