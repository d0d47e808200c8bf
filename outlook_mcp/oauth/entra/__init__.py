"""The protocol of Entra ID: metadata, credentials of the app, grants, id tokens, errors."""
