"""The JSON API: endpoints of every feature under one application."""
