"""What all areas of the imitated Microsoft Graph share: routing, batches, errors, shapes of answers."""
