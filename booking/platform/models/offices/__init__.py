"""What is stored of offices: services, slots, closures, walk-ins."""
