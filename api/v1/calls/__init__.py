"""What every call of the API shares: who may call, values, limits, refusals, a repeated POST."""
