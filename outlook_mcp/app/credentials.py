"""Builds the app's credential for Entra ID and the source of the vault's keys."""

from __future__ import annotations

from outlook_mcp.config import Configuration
from outlook_mcp.oauth.entra.client_credential import ClientCredential, SecretCredential, WorkloadIdentityCredential
from outlook_mcp.oauth.entra.lazy import CertificateCredential, ManagedIdentityCredential
from outlook_mcp.vault.key_ring import KeySource
from outlook_mcp.vault.key_sources import EnvironmentKeySource, FileKeySource, KeyringKeySource


def client_credential(configuration: Configuration) -> ClientCredential | None:
    """None for a public app, which has no credential."""
    if configuration.client_proof == "certificate" and configuration.client_certificate:
        return CertificateCredential(configuration.require_client_id(), configuration.client_certificate)
    if configuration.client_proof == "workload-identity" and configuration.federated_token_file:
        return WorkloadIdentityCredential(configuration.federated_token_file)
    if configuration.client_proof == "managed-identity":
        return ManagedIdentityCredential(configuration.managed_identity)
    return SecretCredential(configuration.client_secret) if configuration.client_secret else None


def key_source(configuration: Configuration) -> KeySource:
    """Where the master key of the vault is kept: the key ring of the system, a variable, or a file beside the vault."""
    if configuration.key_source == "keyring":
        return KeyringKeySource()
    if configuration.key_source == "environment":
        return EnvironmentKeySource(configuration.require_master_key(), variable="OUTLOOK_MCP_MASTER_KEY")
    return FileKeySource(configuration.data_dir / "vault.key")
