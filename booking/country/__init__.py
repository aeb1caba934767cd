"""One country's installation: its pack, services, offices, policies and statistics, and the `Core` context."""
