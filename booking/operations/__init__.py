"""Running an installation: upgrades, workers, backups, recovery, keys, health and the doctor."""
