"""The public log, its witnesses and observers, and the beacon."""
