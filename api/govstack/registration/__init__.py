"""GovStack's Registration (bb-registration), as far as it is what Mawid is: services, their forms, one's own cases."""
