"""Open data: what everyone may have about draws, days and free places, documented and versioned; about nobody."""
