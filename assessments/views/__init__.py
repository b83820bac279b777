"""Pages of this floor; who may read what is decided by ``access``."""
