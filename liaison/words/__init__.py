"""Words and plain values: text, names, states, errors and kinds; no Django but the errors' statuses."""
