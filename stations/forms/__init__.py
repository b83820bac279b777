"""Forms of stations: they check shape, the services check sense."""
