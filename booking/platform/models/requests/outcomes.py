"""How an appointment ended, as it was known at an instant, and whether a draw had given the place, as SQL."""


def kind_as_of(outcome: str, instant: str) -> str:
    """Write the SQL expression of how it ended: the outcome, or the latest correction before then.

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


def drawn(appointment: str) -> str:
    """Write the SQL expression for whether a draw gave the place, or one that was changed for it in one step.

    Whoever changes the time of a place that was booked at once takes no turn of a draw along. OFFSET 0 keeps it a
    lookup by key.

    Parameters
    ----------
    appointment
        The alias of table ``appointment`` in the statement, with its request_id, draw_id and urgent_request_id.
    """
    return f"""({appointment}.draw_id IS NOT NULL OR {appointment}.urgent_request_id IS NULL AND EXISTS (
        SELECT FROM request AS changed WHERE changed.id = {appointment}.request_id
            AND changed.reschedules > 0 AND changed.link_draw IS NOT NULL OFFSET 0
    ))"""
