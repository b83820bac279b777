"""Rules of stations: standard library only."""
