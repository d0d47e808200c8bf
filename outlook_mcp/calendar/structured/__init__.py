"""The answers about the calendar as fields, for programs; each is made of what the text is made of."""
