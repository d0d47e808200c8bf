"""The audit log: what happened to credentials and mail, in a hash chain that shows changes."""
