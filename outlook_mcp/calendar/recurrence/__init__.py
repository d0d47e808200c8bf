"""Series of events: rules as people write them (RRULE, RFC 5545), Graph's recurrence, dates, and words."""
