"""What an attack costs those who run it: phones, addresses, identities, computing, and minutes of people's time."""

import pandas as pd

from fraud.attackers.parameters import KINDS, PRICES, PUMPER, Prices

COLUMNS = ("phones", "identities", "minutes", "money")


def bills(asks: pd.DataFrame, prices: Prices = PRICES) -> pd.DataFrame:
    """Add up what each kind of attacker paid in one season.

    Parameters
    ----------
    asks
        The log of a season (`fraud.attackers.season.log_of`).

    Returns
    -------
    pandas.DataFrame
        By kind: ``phones`` used and real ``identities`` (invented ones cost nothing), ``minutes`` of people, and
        ``money`` in dollars, the minutes at their wage included.
    """
    rows = {}
    for name, mine in asks[~asks["honest"]].groupby("kind"):
        means = KINDS[str(name)].means
        if means is None:
            continue
        phones, identities = mine["phone"].nunique(), mine.loc[mine["known"], "person"].nunique()
        minutes = 0.0
        if means.by_hand:
            typed = float((mine["tries"] * mine["form_seconds"]).sum()) / 60
            minutes = typed + prices.code_minutes * int(mine["codes"].sum()) + means.client_minutes * identities
        money = (
            phones * means.phone
            + int(mine["tries"].sum()) * means.address
            + identities * means.identity
            + float(mine["proof_seconds"].sum()) * prices.cpu_second
            + minutes * prices.human_minute
        )
        rows[name] = (phones, identities, minutes, money)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS), dtype=float).rename_axis("kind")


def pumping(asked: int, sent: int, prices: Prices = PRICES) -> dict[str, float]:
    """Return what codes to numbers that earn cost the pumper (``money``), brought in, and cost us."""
    means = PUMPER.means
    address = 0.0 if means is None else means.address
    return {
        "asked": asked,
        "sent": sent,
        "money": asked * address,
        "income": sent * prices.sms_share,
        "our_loss": sent * prices.sms,
    }
