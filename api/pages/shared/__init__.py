"""What pages of several audiences share: forms, templates, uploads, what is read from what was typed."""
