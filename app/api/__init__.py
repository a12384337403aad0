"""The JSON API: endpoints of every feature under one application."""

PREFIX = "/api/v1"
