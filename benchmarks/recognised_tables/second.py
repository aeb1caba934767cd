"""Five of the ten tables that were written before anything was seen of how they are recognised, and not tuned to."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.recognised_tables.making import Labelled, Rows, arabic, hexes


def passports() -> Labelled:
    """Make requests at passport offices, of invented people."""
    rows = Rows(31, 2000)
    far = rows.random
    frame = pd.DataFrame(
        {
            "national_no": [f"0{one * 7_121_317 % 10**10:010d}" for one in rows.things(550, 0.9)],
            "receipt": [f"R-{one}" for one in hexes(far, rows.n, 10)],
            "office_code": rows.codes([1, 2, 3, 5, 8, 13, 14], 0.8),
            "children": far.poisson(1.5, rows.n),
            "distance_km": rows.push(rows.money(25, 0.9, 1), 0.5),
            "service": rows.codes(["renewal", "first", "lost", "child"], 0.3),
            "birth": rows.days_off(-29_000, -6600),
            "reason": rows.sentences(
                ["needed for", "asked for"], ["a journey to", "a visit to"], ["kin at", "work at"]
            ),
            "asked_at": rows.written("%Y-%m-%d %H:%M"),
        }
    )
    missed = rows.outcome(0.2)
    frame["stamped_at"] = np.where(missed, "", rows.days_off(5, 30))
    frame["no_show"] = np.where(missed, "yes", "no")
    kinds = {
        "national_no": "key",
        "receipt": "identifier",
        **dict.fromkeys(["office_code", "service"], "category"),
        **dict.fromkeys(["children", "distance_km"], "number"),
        "birth": "date",
        "reason": "text",
        "stamped_at": "leak",
    }
    return Labelled("passports", frame, "no_show", "asked_at", kinds)


def cards() -> Labelled:
    """Payments by card."""
    rows = Rows(32, 2400)
    far = rows.random
    frame = pd.DataFrame(
        {
            "cc_num": rows.things(500, 0.8) * 9_999_991 + 4_000_000_000_000_000,
            "trans_num": hexes(far, rows.n, 32),
            "amt": rows.push(rows.money(45, 1.1), 0.6),
            "merchant_name": rows.codes([f"Shop {one}" for one in "ABCDEFGHIJKLMNOPQRST"], 0.4),
            "mcc": rows.codes([4111, 4814, 5311, 5411, 5541, 5812, 5912, 5999, 7011], 0.9),
            "lat": np.round(far.uniform(33, 37, rows.n), 4),
            "city_pop": rows.money(40_000, 1.3, 0).astype(int),
            "dob": rows.days_off(-28_000, -7000),
            "memo": rows.sentences(["paid for", "part of"], ["an order of", "a meal of"], ["May nr", "June nr"]),
            "trans_date": rows.written(),
        }
    )
    fraud = rows.outcome(0.12)
    frame["chargeback"] = rows.after(fraud, ["10.4", "13.1"], [""])
    frame["is_fraud"] = fraud.astype(int)
    kinds = {
        "cc_num": "key",
        "trans_num": "identifier",
        **dict.fromkeys(["amt", "lat", "city_pop"], "number"),
        **dict.fromkeys(["merchant_name", "mcc"], "category"),
        "dob": "date",
        "memo": "text",
        "chargeback": "leak",
    }
    return Labelled("cards", frame, "is_fraud", "trans_date", kinds)


def machines() -> Labelled:
    """Machines that fail, in German."""
    rows = Rows(33, 1700)
    far = rows.random
    frame = pd.DataFrame(
        {
            "Auftragsnummer": far.choice(np.arange(4_000_000, 4_900_000), rows.n, replace=False),
            "Maschinennummer": [f"M{one:03d}" for one in rows.things(70, 0.8)],
            "Fehlercode": rows.codes([0, 3, 17, 42, 51, 77, 90], 0.9),
            "Temperatur": [f"{one:.1f}".replace(".", ",") for one in rows.push(far.normal(65, 9, rows.n), 0.6)],
            "Betriebsstunden": far.integers(0, 60_000, rows.n),
            "Schicht": rows.codes(["früh", "spät", "nacht"], 0.2),
            "Letzte Wartung": rows.days_off(-200, -1, "%d.%m.%Y"),
            "Bemerkung": rows.sentences(["leichtes", "starkes"], ["Geräusch am", "Spiel am"], ["Lager", "Riemen"]),
            "Zeitpunkt": rows.written("%d.%m.%Y %H:%M"),
        }
    )
    broken = rows.outcome(0.2)
    frame["Ersatzteil"] = rows.after(broken, ["Lager", "Riemen", "Motor"], ["keins", ""])
    frame["Ausfall"] = broken.astype(int)
    kinds = {
        "Auftragsnummer": "identifier",
        "Maschinennummer": "key",
        **dict.fromkeys(["Fehlercode", "Schicht"], "category"),
        **dict.fromkeys(["Temperatur", "Betriebsstunden"], "number"),
        "Letzte Wartung": "date",
        "Bemerkung": "text",
        "Ersatzteil": "leak",
    }
    return Labelled("machines (German)", frame, "Ausfall", "Zeitpunkt", kinds)


def market() -> Labelled:
    """Orders at a market, in Arabic words and digits."""
    rows = Rows(34, 1600)
    far = rows.random
    frame = pd.DataFrame(
        {
            "رقم الطلب": arabic(far.permutation(rows.n) + 9_000_000),
            "الزبون": arabic(rows.things(400, 0.9) * 13 + 61_000),
            "المبلغ": [arabic([f"{one:,.0f}".replace(",", "٬")])[0] for one in rows.push(rows.money(90_000, 0.8), 0.5)],
            "طريقة الدفع": rows.codes(["نقدا", "بطاقة", "حوالة"], 0.4),
            "رمز المحافظة": arabic(rows.codes([1, 2, 4, 7, 9, 11, 14], 0.8)),
            "تاريخ التوصيل": arabic(rows.days_off(1, 9, "%d/%m/%Y")),
            "التقييم": arabic(far.integers(1, 6, rows.n)),
            "تعليق": rows.sentences(["وصل", "طلب"], ["الصندوق إلى", "الكيس إلى"], ["الباب قبل", "البيت قبل"]),
            "وقت الطلب": rows.written("%d/%m/%Y %H:%M"),
        }
    )
    back = rows.outcome(0.25)
    frame["سبب الإرجاع"] = rows.after(back, ["تالف", "مختلف"], [""])
    frame["مرتجع"] = np.where(back, "نعم", "لا")
    kinds = {
        "رقم الطلب": "identifier",
        "الزبون": "key",
        **dict.fromkeys(["المبلغ", "التقييم"], "number"),
        **dict.fromkeys(["طريقة الدفع", "رمز المحافظة"], "category"),
        "تاريخ التوصيل": "date",
        "تعليق": "text",
        "سبب الإرجاع": "leak",
    }
    return Labelled("market (Arabic)", frame, "مرتجع", "وقت الطلب", kinds)


def staff() -> Labelled:
    """Members of staff who leave."""
    rows = Rows(35, 1500)
    far = rows.random
    frame = pd.DataFrame(
        {
            "employee_no": far.choice(np.arange(10_000, 99_999), rows.n, replace=False),
            "manager_id": rows.things(80, 0.8) + 300,
            "dept": rows.codes([10, 20, 35, 40, 55, 70, 85], 0.9),
            "salary": far.integers(60, 400, rows.n) * 10,
            "years_since_promotion": rows.push(far.poisson(3, rows.n), 0.5),
            "commute_minutes": far.integers(5, 90, rows.n),
            "satisfaction": rows.push(far.integers(1, 6, rows.n), -0.6),
            "job_family": rows.codes(["clerk", "driver", "engineer", "cook"], 0.2),
            "hired": rows.days_off(-5000, -100, "%d-%b-%Y"),
            "remark": rows.sentences(["works", "helps"], ["well with", "little with"], ["others at", "guests at"]),
            "reviewed": rows.written("%Y-%m-%d"),
        }
    )
    left = rows.outcome(0.2)
    frame["exit_talk"] = rows.after(left, ["held", "refused"], [""])
    frame["left"] = np.where(left, "Yes", "No")
    kinds = {
        "employee_no": "identifier",
        "manager_id": "key",
        **dict.fromkeys(["dept", "job_family"], "category"),
        **dict.fromkeys(["salary", "years_since_promotion", "commute_minutes", "satisfaction"], "number"),
        "hired": "date",
        "remark": "text",
        "exit_talk": "leak",
    }
    return Labelled("staff", frame, "left", "reviewed", kinds)


TABLES: Final[tuple[Callable[[], Labelled], ...]] = (passports, cards, machines, market, staff)
