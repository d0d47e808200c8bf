"""Metrics and traces: off until a setting asks for them, and without anything that names a person."""
