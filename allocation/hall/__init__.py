"""The hall of an office: how long services really take, and how long everybody who waits still waits."""
