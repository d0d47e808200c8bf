"""A mail in Outlook's own file format (MS-OXMSG)."""
