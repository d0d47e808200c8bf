"""Access tokens of other issuers, checked for our audience."""
