"""Five more of the ten tables that were written before anything was seen of how they are recognised."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.recognised_tables.making import Labelled, Rows, hexes


def messages() -> Labelled:
    """Text messages, some of them spam."""
    rows = Rows(41, 1800)
    far = rows.random
    frame = pd.DataFrame(
        {
            "msg_uuid": hexes(far, rows.n, 24),
            "sender": hexes(far, 350, 16)[rows.things(350, 0.9)],
            "letters": rows.push(far.integers(4, 160, rows.n), 0.4),
            "links": far.poisson(0.4, rows.n),
            "carrier": rows.codes(["red", "blue", "grey"], 0.2),
            "campaign": rows.codes([7, 19, 23, 64, 81, 90, 96], 0.9),
            "first_seen": rows.days_off(-300, 0),
            "body": rows.sentences(["win the", "see the"], ["prize of", "film of"], ["May at", "June at"]),
            "received": rows.written(),
        }
    )
    spam = rows.outcome(0.25)
    frame["moderator"] = rows.after(spam, ["Nur", "Sami"], [""])
    frame["class"] = np.where(spam, "spam", "ham")
    kinds = {
        "msg_uuid": "identifier",
        "sender": "key",
        **dict.fromkeys(["letters", "links"], "number"),
        **dict.fromkeys(["carrier", "campaign"], "category"),
        "first_seen": "date",
        "body": "text",
        "moderator": "leak",
    }
    return Labelled("messages", frame, "class", "received", kinds)


def laboratory() -> Labelled:
    """Make samples that have to be taken again."""
    rows = Rows(42, 1700)
    far = rows.random
    frame = pd.DataFrame(
        {
            "sample_id": far.permutation(rows.n) + 20_230_000,
            "patient": [f"P-{one:05d}" for one in rows.things(450, 0.8)],
            "diagnosis": rows.codes(["J45", "E11", "I10", "K21", "M54", "N39"], 0.4),
            "bench_no": rows.codes([2, 5, 6, 11, 13, 18], 0.9),
            "haemoglobin": np.round(far.normal(13.5, 1.6, rows.n), 1),
            "glucose": rows.push(far.normal(105, 30, rows.n).round().astype(int), 0.5),
            "fasting": rows.codes(["yes", "no"], 0.3),
            "drawn": rows.days_off(-3, 0),
            "remark": rows.sentences(["sample", "tube"], ["was warm at", "was old at"], ["noon bench", "night bench"]),
            "arrived": rows.written("%d-%m-%Y %H:%M"),
        }
    )
    again = rows.outcome(0.2)
    frame["recall_letter"] = np.where(again, rows.days_off(2, 9), "")
    frame["repeat"] = again.astype(int)
    kinds = {
        "sample_id": "identifier",
        "patient": "key",
        **dict.fromkeys(["diagnosis", "bench_no", "fasting"], "category"),
        **dict.fromkeys(["haemoglobin", "glucose"], "number"),
        "drawn": "date",
        "remark": "text",
        "recall_letter": "leak",
    }
    return Labelled("laboratory", frame, "repeat", "arrived", kinds)


def customs() -> Labelled:
    """Make declarations at a border."""
    rows = Rows(43, 2000)
    far = rows.random
    frame = pd.DataFrame(
        {
            "declaration": [f"DX{one:08d}" for one in far.permutation(rows.n)],
            "importer_tin": rows.things(300, 0.8) * 2_718_281 % 899_999_999 + 100_000_000,
            "hs_code": rows.codes(far.choice(np.arange(10_000, 970_000, 10), 40, replace=False), 0.9),
            "origin": rows.codes(["CN", "TR", "IT", "IN", "EG"], 0.3),
            "gross_weight": rows.money(800, 1.2, 1),
            "value_usd": [f"${one:,.0f}" for one in rows.push(rows.money(9000, 1.0), 0.5)],
            "port": rows.codes([3, 8, 21, 22, 40, 57], 0.8),
            "loaded": rows.days_off(-60, -5, "%Y/%m/%d"),
            "goods": rows.sentences(["boxes of", "bales of"], ["cloth for", "parts for"], ["shop nr", "mill nr"]),
            "lodged": rows.written("%Y/%m/%d %H:%M"),
        }
    )
    held = rows.outcome(0.15)
    frame["seizure"] = rows.after(held, ["part", "all"], ["no", ""])
    frame["fraud"] = np.where(held, "T", "F")
    kinds = {
        "declaration": "identifier",
        "importer_tin": "key",
        **dict.fromkeys(["hs_code", "origin", "port"], "category"),
        **dict.fromkeys(["gross_weight", "value_usd"], "number"),
        "loaded": "date",
        "goods": "text",
        "seizure": "leak",
    }
    return Labelled("customs", frame, "fraud", "lodged", kinds)


def rides() -> Labelled:
    """Rides that somebody complains about; riders come again seldom, but those who do complain again."""
    rows = Rows(44, 2400)
    far = rows.random
    rider = np.arange(rows.n)
    again = np.sort(far.choice(np.arange(200, rows.n), 130, replace=False))
    rider[again] = again - far.integers(1, 200, len(again))
    frame = pd.DataFrame(
        {
            "trip": hexes(far, rows.n, 20),
            "driver": hexes(far, 160, 12)[rows.things(160, 0.8)],
            "fare": rows.push(rows.money(11, 0.6), 0.4),
            "surge": far.choice([1.0, 1.2, 1.5, 2.0], rows.n),
            "zone": rows.codes([4, 12, 13, 43, 68, 79, 132, 161, 236], 0.9),
            "stars": far.integers(1, 6, rows.n),
            "promo": rows.codes(["none", "spring", "friend"], 0.2),
            "joined": rows.days_off(-800, -1),
            "wish": rows.sentences(["wait at", "come to"], ["the gate of", "the door of"], ["house", "hall"]),
            "picked_up": rows.written(),
        }
    )
    said = rows.outcome(0.25)
    said[again] = np.where(far.random(len(again)) < 0.9, said[rider[again]], said[again])
    frame["rider"] = hexes(far, rows.n, 14)[rider]
    frame["refund"] = np.where(said & (far.random(rows.n) < 0.8), rows.money(6), 0)
    frame["complained"] = said.astype(int)
    kinds = {
        "trip": "identifier",
        **dict.fromkeys(["driver", "rider"], "key"),
        **dict.fromkeys(["fare", "surge", "stars"], "number"),
        **dict.fromkeys(["zone", "promo"], "category"),
        "joined": "date",
        "wish": "text",
        "refund": "leak",
    }
    return Labelled("rides", frame, "complained", "picked_up", kinds)


def harvest() -> Labelled:
    """Farms that are inspected, in French."""
    rows = Rows(45, 1500)
    far = rows.random
    frame = pd.DataFrame(
        {
            "numero_dossier": far.choice(np.arange(200_000, 980_000), rows.n, replace=False),
            "exploitant": [f"EX{one:04d}" for one in rows.things(380, 0.8)],
            "commune": rows.codes(far.choice(np.arange(1001, 95_999), 25, replace=False), 0.9),
            "culture": rows.codes(["blé", "orge", "vigne", "olivier"], 0.4),
            "surface_ha": [f"{one:.2f}".replace(".", ",") for one in rows.push(rows.money(12, 0.9), 0.5)],
            "aide": far.integers(2, 300, rows.n) * 100,
            "parcelles": far.poisson(6, rows.n),
            "semis": rows.days_off(-220, -60, "%d/%m/%Y"),
            "avis": rows.sentences(["terrain", "champ"], ["sec au", "humide au"], ["bord du", "fond du"]),
            "controle": rows.written("%d/%m/%Y"),
        }
    )
    fault = rows.outcome(0.25)
    frame["penalite"] = rows.after(fault, ["5 %", "10 %", "50 %"], ["0 %"])
    frame["ecart"] = np.where(fault, "oui", "non")
    kinds = {
        "numero_dossier": "identifier",
        "exploitant": "key",
        **dict.fromkeys(["commune", "culture"], "category"),
        **dict.fromkeys(["surface_ha", "aide", "parcelles"], "number"),
        "semis": "date",
        "avis": "text",
        "penalite": "leak",
    }
    return Labelled("harvest (French)", frame, "ecart", "controle", kinds)


TABLES: Final[tuple[Callable[[], Labelled], ...]] = (messages, laboratory, customs, rides, harvest)
