"""Where the time of a call or a job goes, as OpenTelemetry traces: off unless a collector is named."""
