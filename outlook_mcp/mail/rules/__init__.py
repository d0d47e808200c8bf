"""Inbox rules, told and taken in plain words."""
