"""Answers what clients ask first while the server is still loading.

All of it that `opening` imports is of the standard library.
"""
