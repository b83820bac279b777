"""The first year of a township, from an empty database, in stages that follow one another."""
