"""The trail of every write and the names of its operations."""
