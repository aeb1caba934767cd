"""What is stored of policies: versions, drafts, exceptions, what the gate learns from."""
