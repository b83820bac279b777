"""One table of what can be done with a case, asked by pages, lists and the back office."""
