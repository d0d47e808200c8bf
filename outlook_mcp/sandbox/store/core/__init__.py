"""What all areas of the store share: the database, accounts, ids, counters, times."""
