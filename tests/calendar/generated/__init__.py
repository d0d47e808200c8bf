"""Generated events: what was asked for, what the sandbox holds and what answers print, against dateutil."""
