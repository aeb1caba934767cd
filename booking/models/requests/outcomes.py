"""How an appointment ended, as it was known at an instant: the outcome, or the latest correction before then."""


def kind_as_of(outcome: str, instant: str) -> str:
    """Write the SQL expression for it.

    Parameters
    ----------
    outcome
        The alias of table ``outcome`` in the statement.
    instant
        An expression for the instant; what was corrected at or after it was not known yet.
    """
    return f"""coalesce((
        SELECT correction.kind FROM outcome_correction correction
        WHERE correction.appointment_id = {outcome}.appointment_id AND correction.at < {instant}
        ORDER BY correction.at DESC, correction.transaction DESC LIMIT 1
    ), {outcome}.kind)"""  # noqa: S608 - our own words
