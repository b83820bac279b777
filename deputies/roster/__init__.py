"""Reading a roster: cells, dates, places, people; pure."""
