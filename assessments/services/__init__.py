"""Writes of this floor: each is one transaction, one locked row, one step in the ledger."""
