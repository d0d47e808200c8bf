"""Sealed records: what a user entrusts to this server, unreadable without the key and useless to anybody else."""
