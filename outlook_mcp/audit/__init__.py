"""What happened to credentials and mail, in a log that shows when it was tampered with."""
