"""A county, two townships and a street from an empty database, in stages that follow one another."""
