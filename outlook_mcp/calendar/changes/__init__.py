"""Changes of events: at once where nobody hears of them, else prepared, shown, and sent once when the user agreed."""
