"""GovStack's Scheduler (bb-scheduler, version 1.0.0 of its description), as far as it is what Mawid is."""
