"""Requests: asked, judged, proven, reviewed, withdrawn, and what a person and an officer see of them."""
