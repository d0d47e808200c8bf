"""The pages people see: consent, callback, connect, account."""
