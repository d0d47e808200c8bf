"""Who is calling: principal, user, session, profile; and how what is kept of a user is read and changed."""
