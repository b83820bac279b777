"""What every page, form and admin is made of."""
