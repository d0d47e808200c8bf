"""Users in the imitated Microsoft Graph: their profiles."""
