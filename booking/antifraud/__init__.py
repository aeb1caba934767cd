"""The gate that judges requests, linkage of people, and oversight of approvals."""
