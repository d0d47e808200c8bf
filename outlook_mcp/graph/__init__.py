"""One user's msgraph-sdk client over a shared pool: transport, retry rule, errors, batches, uploads."""
