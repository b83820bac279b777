"""Who sees which rows: scopes, both walls, sealed columns and work by jurisdiction."""
