"""The letters of an appraisal, filled from published rows."""
