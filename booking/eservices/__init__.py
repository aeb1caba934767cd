"""Services that are decided without a visit, and the credentials that they issue."""
