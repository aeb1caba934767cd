"""What must be there before a service is delivered: who needs what, from when to when it holds, and a plan for it."""
