"""The process that runs jobs: its life, what a killed one leaves behind, and what others can see of it."""
