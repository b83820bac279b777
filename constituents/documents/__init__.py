"""The register on paper and the ledger as a file."""
