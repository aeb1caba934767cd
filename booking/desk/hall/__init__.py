"""The hall of an office: numbers, the order of calling, counters and breaks, and how long everyone still waits."""
