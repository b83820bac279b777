"""From an uploaded roster to its preview and, once confirmed, to rows."""
