"""The first day of an installation: the set-up link, our office, the tree of places, keepers, first clerk."""
