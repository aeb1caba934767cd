"""What is stored of requests: verdicts, cases, draws, appointments, urgent requests."""
