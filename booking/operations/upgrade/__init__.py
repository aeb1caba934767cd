"""What an upgrade of the schema will do, before it does it: what it locks, for how long, and who may go on."""
