"""Small parts for the network that know nothing of mail: addresses, clock, JSON over HTTP, keys, redaction."""
