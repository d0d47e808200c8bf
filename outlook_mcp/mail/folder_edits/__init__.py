"""Creates, renames, moves, deletes and empties folders."""
