"""The core of Mawid: people, capacity, requests, draws, appointments; their storage and their jobs."""
