"""Runthrough: rehearse a research talk alone and be told the truth about it."""

__version__ = "0.1.0"
