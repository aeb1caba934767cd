"""Watching the exception: who approves how much, which papers come twice, who is linked; questions to supervisors."""
