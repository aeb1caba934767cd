"""Those who work with Mawid: their accounts, roles and leaving; searching the audit log."""
