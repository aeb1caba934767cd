"""Bookings for tests: a broker's office, a family, a shop."""

import pandas as pd

COLUMNS = ["account", "device", "phone", "at", "person", "party", "seconds", "age_hours"]
DAY = 86_400.0


def bookings(rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def asks(account, device, phone, *, people=1, at=0.0, party=1, seconds=200.0, age_hours=500.0):
    """Ask for people whom nobody else asks for, one request after the other."""
    return [
        (account, device, phone, at + 60.0 * n, f"{account} person {n}", party, seconds, age_hours)
        for n in range(people)
    ]


def an_office(name="o", accounts=9, people=8, devices=2):
    """A broker's accounts, three on a phone, which all ask from the office's devices for one stranger after another."""
    rows = []
    for n in range(accounts):
        rows += asks(
            f"{name}{n}",
            f"{name} device {n % devices}",
            f"{name} phone {n // 3}",
            people=people,
            at=n * 3_600.0,
            seconds=45,
        )
    return [*rows, *asks(f"{name}0", f"{name} device {devices - 1}", f"{name} phone 0", seconds=45)]


def a_shop(name="s", customers=20):
    """Neighbours, each in an account and on a phone of their own, asking from the shop's computer."""
    return [
        row
        for n in range(customers)
        for row in asks(f"{name}{n}", f"{name} computer", f"{name} phone {n}", at=n * DAY, party=1 + n % 3, seconds=130)
    ]
