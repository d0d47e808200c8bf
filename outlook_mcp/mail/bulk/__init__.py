"""Changes of up to 1,000 messages: chosen by ids or by a search, in batches, and resumed where they stopped."""
