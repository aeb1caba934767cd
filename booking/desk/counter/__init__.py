"""The counter of an office: who comes today, check-in by pass, walk-ins, and a day on which the office must close."""
