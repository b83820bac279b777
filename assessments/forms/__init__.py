"""Forms of the yearly appraisal."""
