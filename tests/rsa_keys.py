"""Two RSA keys of the tests' own, made once for each process."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

KEY, OTHER_KEY = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
