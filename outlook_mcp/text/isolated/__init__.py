"""Runs parsers of hostile input in child processes with limits of time and memory."""
