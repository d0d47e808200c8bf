"""A mail in a file, as RFC 5322 and MIME write it."""
