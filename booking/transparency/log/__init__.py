"""The public log of what an installation did: append-only, signed, and watched by outsiders who keep what they saw."""
