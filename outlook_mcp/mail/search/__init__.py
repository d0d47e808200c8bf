"""Searches mail: what people and models write is parsed, planned as requests to Graph, and checked in each message."""
