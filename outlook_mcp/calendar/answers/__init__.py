"""How answers about the calendar are worded."""
