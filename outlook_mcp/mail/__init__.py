"""Mail: models with the fields that are asked for, operations on messages, folders and drafts, and their answers."""
