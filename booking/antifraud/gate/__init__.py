"""The gate's policy: rules, models, their versions and studies, exceptions, replays of past verdicts."""
