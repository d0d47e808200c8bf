"""Sign-ins to Microsoft: in a browser on this machine, by device code, or through a callback of the HTTP server."""
