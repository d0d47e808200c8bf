"""Who is calling: principal, user, session, profile, and the mail settings of a user."""
