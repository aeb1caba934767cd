"""How the whole runs, for those who answer for it: jobs, queues, draws, what the machine has left. Of no person."""
