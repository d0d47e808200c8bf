"""Issuers that the configuration trusts: their access tokens, identity assertions and sign-ins."""
