"""The web server: the HTTP API and the pages, as one ASGI application."""
