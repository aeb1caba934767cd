"""The catalogue: services, offices, districts, and how a country pack is loaded into the database."""
