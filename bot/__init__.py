"""Newsgist: a Telegram news bot that quotes, links and never repeats itself."""

__version__ = "0.4.0"
