"""Use cases: verbs that change something, each in one transaction."""
