"""Four more of the ten tables that the evidence was developed on: loans, parcels, examinations, telephones."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.recognised_tables.making import Labelled, Rows


def loans() -> Labelled:
    """Loans with percents, months of dates, and what was recovered afterwards."""
    rows = Rows(21, 1800)
    far = rows.random
    frame = pd.DataFrame(
        {
            "loan_ref": [f"LN-2023-{one:05d}" for one in far.permutation(rows.n)],
            "annual_inc": rows.push(far.integers(12, 300, rows.n) * 500, -0.4),
            "term_months": far.choice([12, 24, 36, 48, 60], rows.n),
            "grade": rows.codes(list("ABCDE"), 0.6),
            "dti": [f"{one:.1f} %" for one in rows.push(far.uniform(1, 40, rows.n), 0.4)],
            "zip_code": rows.codes([f"{one:05d}" for one in far.integers(501, 9999, 30)], 0.7),
            "earliest_credit_line": list(
                (rows.at - pd.to_timedelta(far.integers(400, 7000, rows.n), unit="D")).dt.strftime("%b-%Y")
            ),
            "employer": rows.codes([f"{one} Works" for one in ("Orontes", "Barada", "Khabur", "Afrin")], 0.2),
            "purpose": rows.sentences(["to buy", "to mend"], ["a car of", "a roof of"], ["the year", "the house at"]),
            "issue_d": rows.written("%Y%m%d"),
        }
    )
    bad = rows.outcome(0.18)
    frame["recoveries"] = np.where(bad & (far.random(rows.n) < 0.85), rows.money(800), 0.0)
    frame["status"] = np.where(bad, "default", "ok")
    kinds = {
        "loan_ref": "identifier",
        **dict.fromkeys(["annual_inc", "term_months", "dti"], "number"),
        **dict.fromkeys(["grade", "zip_code", "employer"], "category"),
        "earliest_credit_line": "date",
        "purpose": "text",
        "recoveries": "leak",
    }
    return Labelled("loans", frame, "status", "issue_d", kinds)


def parcels() -> Labelled:
    """Parcels that come late."""
    rows = Rows(22, 2000)
    far = rows.random
    frame = pd.DataFrame(
        {
            "tracking": far.choice(10**9, rows.n, replace=False) + 300_000_000_000,
            "courier_id": rows.things(90, 0.8) + 112,
            "depot": rows.codes([1004, 1019, 2207, 2250, 3111, 3178, 4020, 4099, 5005], 0.9),
            "weight_kg": rows.money(3, 0.9, 1),
            "stops": rows.push(far.poisson(18, rows.n), 0.5),
            "promised": rows.days_off(1, 9, "%m/%d/%Y"),
            "fragile": rows.codes(["Y", "N"]),
            "declared_value": far.integers(1, 90, rows.n) * 50,
            "address": rows.sentences(["upper", "lower"], ["floor of the", "yard of the"], ["mill no", "inn no"]),
            "handed_in": rows.written("%m/%d/%Y %H:%M"),
        }
    )
    late = rows.outcome(0.3)
    frame["excuse"] = rows.after(late, ["storm", "closed road", "broken van"], ["none given", ""])
    frame["late"] = late.astype(int)
    kinds = {
        "tracking": "identifier",
        "courier_id": "key",
        "depot": "category",
        **dict.fromkeys(["weight_kg", "stops", "declared_value"], "number"),
        "promised": "date",
        "fragile": "category",
        "address": "text",
        "excuse": "leak",
    }
    return Labelled("parcels", frame, "late", "handed_in", kinds)


def examinations() -> Labelled:
    """Make examinations, with a certificate for whoever passed."""
    rows = Rows(23, 1500)
    far = rows.random
    frame = pd.DataFrame(
        {
            "candidate": [f"ST{one:05d}" for one in rows.things(400, 0.8)],
            "subject_code": rows.codes([102, 105, 130, 211, 245, 307, 318], 0.8),
            "room": rows.codes([f"{one}-{two}" for one in "ABC" for two in (1, 2, 3)], 0.0),
            "hours_learned": rows.push(np.round(far.gamma(3, 4, rows.n), 1), 0.6),
            "tries_before": far.poisson(0.7, rows.n),
            "mother_tongue": rows.codes(["Arabic", "Kurdish", "Armenian", "Aramaic"], 0.2),
            "registered": rows.days_off(-40, -2, "%d %b %Y"),
            "topic": rows.sentences(
                ["on the", "against the"], ["trade of", "growth of"], ["towns since", "rivers since"]
            ),
            "held_on": rows.written("%d %b %Y %H:%M"),
        }
    )
    passed = rows.outcome(0.6)
    frame["certificate"] = [
        f"Z{one:06d}" if ok else "" for ok, one in zip(passed, far.permutation(rows.n), strict=True)
    ]
    frame["passed"] = np.where(passed, "yes", "no")
    kinds = {
        "candidate": "key",
        **dict.fromkeys(["subject_code", "room", "mother_tongue"], "category"),
        **dict.fromkeys(["hours_learned", "tries_before"], "number"),
        "registered": "date",
        "topic": "text",
        "certificate": "leak",
    }
    return Labelled("examinations", frame, "passed", "held_on", kinds)


def telephones() -> Labelled:
    """Prepaid telephones whose owner disputes a charge."""
    rows = Rows(24, 2100)
    far = rows.random
    who = rows.things(450, 0.8)
    frame = pd.DataFrame(
        {
            "msisdn": [f"09{44_000_000 + one * 613:08d}" for one in who],
            "imei": [f"35{(one * 99_991) % 10**13:013d}" for one in who],
            "ticket": far.choice(np.arange(10**6, 10**7), rows.n, replace=False),
            "cell_id": rows.things(200, 0.3) * 17 + 40_000,
            "call_minutes": rows.push(far.gamma(2, 30, rows.n).round().astype(int), 0.4),
            "topup": far.choice([100, 200, 500, 1000, 2500, 5000], rows.n),
            "tariff": rows.codes([1, 3, 4, 7, 8, 15, 16], 0.9),
            "roaming": rows.codes(["on", "off"], 0.2),
            "opened": rows.days_off(-2000, -20),
            "words": rows.sentences(["charged", "billed"], ["twice for", "wrongly for"], ["a call of", "a text of"]),
            "called_at": rows.written("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    frame["disputed"] = np.where(rows.outcome(0.22), "true", "false")
    kinds = {
        **dict.fromkeys(["msisdn", "imei", "cell_id"], "key"),
        "ticket": "identifier",
        **dict.fromkeys(["call_minutes", "topup"], "number"),
        **dict.fromkeys(["tariff", "roaming"], "category"),
        "opened": "date",
        "words": "text",
    }
    return Labelled("telephones", frame, "disputed", "called_at", kinds)


TABLES: Final[tuple[Callable[[], Labelled], ...]] = (loans, parcels, examinations, telephones)
