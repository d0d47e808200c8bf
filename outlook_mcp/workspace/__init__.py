"""Opens a caller's Outlook and restores ids; above the areas, below the tools."""
