"""Files that people send as evidence: recognised by content, made plain images in a process apart, kept encrypted."""
