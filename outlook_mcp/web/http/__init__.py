"""How HTTP is served: the site and its middleware, the server process, limits, health and shutdown."""
