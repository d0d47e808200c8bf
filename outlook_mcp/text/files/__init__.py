"""Files of senders as text: what kind of file it is, and one reader for each kind, run in limited processes."""
