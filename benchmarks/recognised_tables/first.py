"""Six of the ten tables that the evidence was developed on: money, health and contracts."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.recognised_tables.making import Labelled, Rows, arabic, hexes


def claims() -> Labelled:
    """Motor claims; the columns that a public table of them has."""
    rows = Rows(11, 1500)
    far = rows.random
    frame = pd.DataFrame(
        {
            "months_as_customer": far.integers(0, 480, rows.n),
            "age": rows.push(far.integers(19, 80, rows.n), -0.3),
            "policy_number": far.choice(np.arange(100_000, 999_999), rows.n, replace=False),
            "policy_bind_date": rows.days_off(-6000, -30),
            "insured_zip": rows.codes(far.choice(np.arange(430_000, 620_000), 40, replace=False), 0.8),
            "policy_annual_premium": rows.money(1250, 0.2),
            "capital_gain": far.integers(-60, 60, rows.n) * 1000,
            "incident_state": rows.codes(["NY", "SC", "WV", "VA", "NC", "OH"], 0.5),
            "incident_hour_of_the_day": far.integers(0, 24, rows.n),
            "total_claim_amount": rows.push(far.integers(100, 11_000, rows.n) * 10, 0.6),
            "auto_year": far.integers(1995, 2016, rows.n),
            "adjuster_note": rows.sentences(["seen", "called"], ["the driver at", "a witness near"], ["gate", "road"]),
            "incident_date": rows.written("%Y-%m-%d"),
        }
    )
    fraud = rows.outcome(0.25)
    frame["settlement"] = rows.after(fraud, ["rejected", "court"], ["paid", "paid in part"])
    frame["fraud_reported"] = np.where(fraud, "Y", "N")
    kinds = {
        **dict.fromkeys(["months_as_customer", "age", "policy_annual_premium", "capital_gain"], "number"),
        **dict.fromkeys(["incident_hour_of_the_day", "total_claim_amount", "auto_year"], "number"),
        **dict.fromkeys(["insured_zip", "incident_state"], "category"),
        "policy_number": "identifier",
        "policy_bind_date": "date",
        "adjuster_note": "text",
        "settlement": "leak",
    }
    return Labelled("motor claims", frame, "fraud_reported", "incident_date", kinds)


def clinic() -> Labelled:
    """Appointments of a clinic, in Arabic words and digits."""
    rows = Rows(12, 1600)
    who = rows.things(420, 0.9)
    frame = pd.DataFrame(
        {
            "رقم الموعد": arabic(rows.random.permutation(rows.n) + 500_000),
            "رقم المريض": arabic(who * 37 + 80_000),
            "العمر": arabic(rows.push(rows.random.integers(1, 90, rows.n), 0.3)),
            "المدينة": rows.codes(["دمشق", "حلب", "حمص", "اللاذقية", "درعا"], 0.3),
            "رمز العيادة": arabic(rows.codes([11, 14, 23, 31, 37, 52, 58], 0.9)),
            "عدد الزيارات": arabic(rows.random.poisson(4, rows.n)),
            "هاتف": [f"09{33_000_000 + one * 911:08d}" for one in who],
            "يوم الموعد": arabic(rows.days_off(0, 25, "%d/%m/%Y", 0.5)),
            "ملاحظات": rows.sentences(["حضر", "اتصل"], ["المريض مع", "الأب مع"], ["أخيه قبل", "أمه بعد"]),
            "تاريخ الحجز": rows.written(),
        }
    )
    missed = rows.outcome(0.3)
    frame["تغيب"] = np.where(missed, "نعم", "لا")
    kinds = {
        "رقم الموعد": "identifier",
        "رقم المريض": "key",
        "العمر": "number",
        "المدينة": "category",
        "رمز العيادة": "category",
        "عدد الزيارات": "number",
        "هاتف": "key",
        "يوم الموعد": "date",
        "ملاحظات": "text",
    }
    return Labelled("clinic (Arabic)", frame, "تغيب", "تاريخ الحجز", kinds)


def transfers() -> Labelled:
    """Transfers between accounts, ordered by a step only."""
    rows = Rows(13, 2000)
    far = rows.random
    frame = pd.DataFrame(
        {
            "step": np.arange(rows.n) // 3 + 1,
            "type": rows.codes(["CASH_IN", "PAYMENT", "TRANSFER", "DEBIT"], 0.7),
            "amount": rows.push(rows.money(900, 1.2), 0.5),
            "nameOrig": [f"C{one}" for one in far.choice(10**9, rows.n, replace=False)],
            "nameDest": [f"M{one * 7919 + 10**6}" for one in rows.things(300, 0.8)],
            "oldbalanceOrg": rows.money(4000, 1.5),
            "device_hash": hexes(far, 500)[rows.things(500, 0.4)],
            "bank_branch": rows.codes([101, 103, 107, 212, 218, 305, 333, 410], 0.8),
            "purpose": rows.sentences(["rent for", "gift for"], ["the month of", "the week of"], ["May no", "June no"]),
        }
    )
    fraud = rows.outcome(0.15)
    frame["blocked_by"] = rows.after(fraud, ["team A", "team B"], ["", "-"])
    frame["isFraud"] = fraud.astype(int)
    kinds = {
        "type": "category",
        "amount": "number",
        "nameOrig": "identifier",
        "nameDest": "key",
        "oldbalanceOrg": "number",
        "device_hash": "key",
        "bank_branch": "category",
        "purpose": "text",
        "blocked_by": "leak",
    }
    return Labelled("transfers", frame, "isFraud", "step", kinds)


def churn() -> Labelled:
    """Make subscribers who leave, each in one row."""
    rows = Rows(14, 1800)
    far = rows.random
    frame = pd.DataFrame(
        {
            "customerID": [
                f"{one}-{far.integers(10**4):04d}" for one in far.choice(9000, rows.n, replace=False) + 1000
            ],
            "orders_per_customer": rows.push(far.poisson(5, rows.n), -0.7),
            "age_of_account": far.integers(10, 3000, rows.n),
            "tenure": far.integers(0, 73, rows.n),
            "MonthlyCharges": rows.push(np.round(far.uniform(18, 120, rows.n), 2), 0.5),
            "PlanCode": rows.codes([2, 4, 5, 9, 11, 12, 17], 0.9),
            "contract": rows.codes(["monthly", "one year", "two years"], 0.5),
            "paperless": rows.codes(["yes", "no"]),
            "signup": rows.days_off(-900, -60, "%d/%m/%Y"),
            "asked": rows.written("%d/%m/%Y"),
            "complaint": rows.sentences(["slow", "dear"], ["in the evening at", "since the move to"], ["home", "work"]),
        }
    )
    left = rows.outcome(0.27)
    frame["closing_fee"] = np.where(left & (far.random(rows.n) < 0.8), "15.00", "")
    frame["churn"] = np.where(left, "churned", "active")
    kinds = {
        "customerID": "identifier",
        **dict.fromkeys(["orders_per_customer", "age_of_account", "tenure", "MonthlyCharges"], "number"),
        **dict.fromkeys(["PlanCode", "contract", "paperless"], "category"),
        "signup": "date",
        "complaint": "text",
        "closing_fee": "leak",
    }
    return Labelled("subscribers", frame, "churn", "asked", kinds)


def signups() -> Labelled:
    """Accounts that were opened, many by one program, by Unix time."""
    rows = Rows(15, 2200)
    far = rows.random
    prints = hexes(far, rows.n, 20)
    again = far.choice(rows.n, 130, replace=False)
    prints[again] = prints[far.integers(0, 40, 130)]
    tool = np.isin(np.arange(rows.n), again)
    rows.push(tool, 0.9)
    frame = pd.DataFrame(
        {
            "created": rows.at.astype("datetime64[s]").astype("int64"),
            "session_id": hexes(far, rows.n, 24),
            "fingerprint": prints,
            "asn": rows.codes([3320, 5384, 29256, 29386, 35432, 48159, 50710, 197_893], 0.9),
            "country": rows.codes(["SY", "DE", "SE", "TR", "NL"], 0.3),
            "seconds_to_fill": [f"{one:.1f}".replace(".", ",") for one in rows.push(rows.money(40, 0.6), -0.6)],
            "mail": [f"u{one}@example.org" for one in far.choice(10**6, rows.n, replace=False)],
            "tabs": far.poisson(3, rows.n),
            "headline": rows.sentences(["I am", "we are"], ["a maker of", "a friend of"], ["songs no", "boats no"]),
        }
    )
    frame["abuse"] = rows.outcome(0.2)
    kinds = {
        "session_id": "identifier",
        "fingerprint": "key",
        "asn": "category",
        "country": "category",
        "seconds_to_fill": "number",
        "mail": "identifier",
        "tabs": "number",
        "headline": "text",
    }
    return Labelled("sign-ups", frame, "abuse", "created", kinds)


def bills() -> Labelled:
    """Bills of a Spanish supplier: commas for points, days first."""
    rows = Rows(16, 1500)
    far = rows.random

    def euros(amounts: np.ndarray) -> list[str]:
        return [f"{one:,.2f} €".translate(str.maketrans(",.", ".,")) for one in amounts]

    frame = pd.DataFrame(
        {
            "num_factura": [f"F{one:07d}" for one in far.permutation(rows.n)],
            "numero_cliente": rows.things(380, 0.9) + 20_417,
            "importe": euros(rows.push(rows.money(140, 0.9), 0.4)),
            "consumo_kwh": far.integers(20, 900, rows.n),
            "tarifa": rows.codes([20, 21, 30, 31, 61, 62, 63], 0.8),
            "provincia": rows.codes(["Madrid", "Sevilla", "Soria", "Lugo"], 0.4),
            "fecha_factura": rows.written("%d.%m.%Y"),
            "vencimiento": rows.days_off(20, 60, "%d.%m.%Y"),
            "observaciones": rows.sentences(["sin", "con"], ["lectura en", "visita en"], ["casa", "finca"]),
        }
    )
    unpaid = rows.outcome(0.2)
    frame["recargo"] = np.where(unpaid & (far.random(rows.n) < 0.9), euros(rows.money(9, 0.2)), "")
    frame["impago"] = unpaid.astype(int)
    kinds = {
        "num_factura": "identifier",
        "numero_cliente": "key",
        "importe": "number",
        "consumo_kwh": "number",
        "tarifa": "category",
        "provincia": "category",
        "vencimiento": "date",
        "observaciones": "text",
        "recargo": "leak",
    }
    return Labelled("bills (Spanish)", frame, "impago", "fecha_factura", kinds)


TABLES: Final[tuple[Callable[[], Labelled], ...]] = (claims, clinic, transfers, churn, signups, bills)
