"""Other ways in: tokens, assertions and sign-ins of issuers that the configuration trusts."""
