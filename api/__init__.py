"""The web layer: pages for people and a JSON API for programs, over `booking`."""
