"""Printed forms, their numbers and the engine that draws them."""
