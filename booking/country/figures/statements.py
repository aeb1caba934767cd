"""The SQL of each figure. Every statement gives row, part and count; its values are those of `figures.wanted`.

The office of a request is its first choice. A request for several services counts at each of them, and once in all.
Days are those of the country, but of visits those of their office.
"""

# ruff: noqa: S608 - the statements are made of our own words; what people choose is bound as values

from typing import Final

_IS_FOR: Final = """
    (CAST(:service AS integer) IS NULL OR r.service_id = :service OR (r.service_count > 1 AND EXISTS (
        SELECT FROM request_errand x WHERE x.request_id = r.id AND x.service_id = :service)))
"""
_EACH_SERVICE: Final = """
    CROSS JOIN LATERAL (
        SELECT r.service_id UNION SELECT x.service_id FROM request_errand x
        WHERE r.service_count > 1 AND x.request_id = r.id
    ) of_visit JOIN service s ON s.id = of_visit.service_id
"""
_OFFICE_AND_SERVICE: Final = f"""
    {_IS_FOR}
    AND (CAST(:office AS integer) IS NULL OR EXISTS (
        SELECT FROM request_office c WHERE c.request_id = r.id AND c.rank = 0 AND c.office_id = :office))
"""
_VISIT: Final = f"""
    appointment a JOIN request r ON r.id = a.request_id JOIN office o ON o.id = a.office_id
    WHERE a.starts_at >= CAST(:first_day AS date) - interval '1 day'
    AND a.starts_at < CAST(:last_day AS date) + interval '2 days'
    AND CAST(a.starts_at AT TIME ZONE o.time_zone AS date) BETWEEN :first_day AND :last_day
    AND {_IS_FOR}
    AND (CAST(:office AS integer) IS NULL OR a.office_id = :office)
"""
_JUDGED: Final = f"""
    (SELECT DISTINCT ON (v.request_id) v.request_id, v.decision, v.decided_at, v.degraded, v.reasons, v.inputs
     FROM verdict v JOIN request r ON r.id = v.request_id
     WHERE v.officer_id IS NULL AND v.decided_at >= :first AND v.decided_at < :until AND {_OFFICE_AND_SERVICE}
     ORDER BY v.request_id, v.decided_at) v
"""
_STATE: Final = "CASE WHEN a.state IN ('offered', 'confirmed', 'checked_in') THEN 'expected' ELSE a.state END"
_DAY_OF_VERDICT: Final = "CAST(v.decided_at AT TIME ZONE :zone AS date)"


def _age(seconds: str) -> str:
    return f"""CASE WHEN {seconds} < 3600 THEN 'under_hour' WHEN {seconds} < 86400 THEN 'under_day'
        WHEN {seconds} < 172800 THEN 'under_two_days' WHEN {seconds} < 432000 THEN 'under_five_days'
        ELSE 'longer' END"""


ASKED: Final = f"SELECT {_DAY_OF_VERDICT} AS row, v.decision AS part, count(*) FROM {_JUDGED} GROUP BY 1, 2"
ASKED_BY_SERVICE: Final = f"""
    SELECT s.code AS row, v.decision AS part, count(*)
    FROM {_JUDGED} JOIN request r ON r.id = v.request_id {_EACH_SERVICE} GROUP BY 1, 2
"""
ASKED_BY_OFFICE: Final = f"""
    SELECT coalesce(o.code, '-') AS row, v.decision AS part, count(*)
    FROM {_JUDGED} LEFT JOIN request_office c ON c.request_id = v.request_id AND c.rank = 0
    LEFT JOIN office o ON o.id = c.office_id GROUP BY 1, 2
"""
DEGRADED: Final = f"""
    SELECT {_DAY_OF_VERDICT} AS row, CASE WHEN v.degraded THEN 'degraded' ELSE 'normal' END AS part, count(*)
    FROM {_JUDGED} GROUP BY 1, 2
"""
DEGRADED_MINUTES: Final = f"""
    SELECT count(DISTINCT date_trunc('minute', v.decided_at)) FROM {_JUDGED} WHERE v.degraded
"""
VISITS: Final = f"""
    SELECT CAST(a.starts_at AT TIME ZONE o.time_zone AS date) AS row, {_STATE} AS part, count(*) FROM {_VISIT}
    GROUP BY 1, 2
"""
WAITING: Final = f"""
    SELECT w.queue AS row, {_age("extract(epoch FROM :now - w.since)")} AS part, count(*) FROM (
        SELECT 'review' AS queue, r.id, coalesce(
            (SELECT max(v.decided_at) FROM verdict v WHERE v.request_id = r.id AND v.decision = 'review'), r.created_at
        ) AS since
        FROM request r WHERE r.queue = 'officer' AND r.state = 'under_review'
        UNION ALL SELECT 'appeal', p.request_id, p.created_at FROM appeal p WHERE p.state = 'open'
        UNION ALL SELECT 'urgent', u.request_id, u.submitted_at FROM urgent_request u
        WHERE u.state IN ('submitted', 'assigned', 'needs_second') AND u.submitted_at IS NOT NULL
    ) w JOIN request r ON r.id = w.id WHERE {_OFFICE_AND_SERVICE} GROUP BY 1, 2
"""

_ENTRIES: Final = f"""
    draw_entry e JOIN request r ON r.id = e.request_id
    WHERE e.draw_id = :draw AND e.served IS NOT NULL AND {_OFFICE_AND_SERVICE}
"""
_PLACED: Final = "CASE WHEN e.served THEN 'placed' ELSE 'not_placed' END AS part, count(*)"
FUNNEL: Final = f"""
    SELECT s.code AS row, CASE WHEN NOT e.served THEN 'not_placed'
        WHEN a.state IN ('served', 'checked_in') THEN 'served' WHEN a.state IN ('confirmed', 'offered', 'no_show')
        THEN a.state ELSE 'given_up' END AS part, count(*)
    FROM draw_entry e JOIN request r ON r.id = e.request_id {_EACH_SERVICE}
    LEFT JOIN LATERAL (
        SELECT state FROM appointment a WHERE a.request_id = e.request_id AND a.draw_id = e.draw_id
        ORDER BY a.created_at DESC LIMIT 1
    ) a ON true
    WHERE e.draw_id = :draw AND e.served IS NOT NULL AND {_OFFICE_AND_SERVICE} GROUP BY 1, 2
"""
CHANCE_BY_PRIORITY: Final = f"SELECT least(e.priority, 4) AS row, {_PLACED} FROM {_ENTRIES} GROUP BY 1, 2"
CHANCE_BY_CHOICES: Final = f"""
    SELECT (SELECT count(*) FROM request_office c WHERE c.request_id = e.request_id) AS row, {_PLACED}
    FROM {_ENTRIES} GROUP BY 1, 2
"""
CHANCE_BY_PARTY: Final = f"SELECT r.party_size AS row, {_PLACED} FROM {_ENTRIES} GROUP BY 1, 2"
CHANCE_BY_DOOR: Final = f"SELECT r.door AS row, {_PLACED} FROM {_ENTRIES} GROUP BY 1, 2"

REASONS: Final = f"""
    SELECT one ->> 'code' AS row, v.decision AS part, count(*)
    FROM {_JUDGED}, jsonb_array_elements(v.reasons) one
    WHERE one ->> 'code' NOT LIKE 'fact.%' AND v.decision <> 'accept' GROUP BY 1, 2
"""
DEVICE_USE: Final = f"""
    SELECT CASE WHEN v.used = 0 THEN '0' WHEN v.used < 3 THEN '1-2' WHEN v.used < 10 THEN '3-9'
        WHEN v.used < 30 THEN '10-29' ELSE '30+' END AS row, v.decision AS part, count(*)
    FROM (SELECT v.decision, CAST(v.inputs -> 'facts' ->> 'requests_from_device_24h' AS integer) AS used FROM {_JUDGED}
          WHERE v.inputs -> 'facts' ? 'requests_from_device_24h') v
    GROUP BY 1, 2
"""
CHECKS: Final = f"""
    SELECT {_DAY_OF_VERDICT} AS row, CASE WHEN r.state = 'challenged' THEN 'open'
        WHEN r.state IN ('withdrawn', 'lapsed') AND NOT EXISTS (SELECT FROM draw_entry e WHERE e.request_id = r.id)
            AND NOT EXISTS (SELECT FROM appointment a WHERE a.request_id = r.id AND (a.confirmed_at IS NOT NULL
                OR a.draw_id IS NOT NULL OR a.urgent_request_id IS NOT NULL)) THEN 'given_up'
        ELSE 'passed' END AS part, count(*)
    FROM {_JUDGED} JOIN request r ON r.id = v.request_id WHERE v.decision = 'challenge' GROUP BY 1, 2
"""
REVIEWS: Final = f"""
    SELECT {_DAY_OF_VERDICT} AS row, v.decision AS part, count(*) FROM verdict v JOIN request r ON r.id = v.request_id
    WHERE v.officer_id IS NOT NULL AND v.decided_at >= :first AND v.decided_at < :until AND {_OFFICE_AND_SERVICE}
    GROUP BY 1, 2
"""
APPEALS: Final = f"""
    SELECT CAST(p.created_at AT TIME ZONE :zone AS date) AS row, p.state AS part, count(*)
    FROM appeal p JOIN request r ON r.id = p.request_id
    WHERE p.created_at >= :first AND p.created_at < :until AND {_OFFICE_AND_SERVICE} GROUP BY 1, 2
"""

LOAD: Final = """
    SELECT o.code AS row, part.name AS part, sum(part.places) AS count
    FROM slot t JOIN slot_pool p ON p.slot_id = t.id JOIN office o ON o.id = t.office_id
    CROSS JOIN LATERAL (VALUES ('taken', p.taken), ('free', p.places - p.taken)) AS part (name, places)
    WHERE t.local_day BETWEEN :first_day AND :last_day AND (CAST(:office AS integer) IS NULL OR t.office_id = :office)
    GROUP BY 1, 2
"""
ATTENDANCE: Final = f"SELECT o.code AS row, {_STATE} AS part, count(*) FROM {_VISIT} GROUP BY 1, 2"
ARRIVALS: Final = f"""
    SELECT o.code AS row, CASE WHEN a.checked_in_at < a.starts_at - interval '15 minutes' THEN 'early'
        WHEN a.checked_in_at <= a.starts_at + interval '10 minutes' THEN 'on_time' ELSE 'late' END AS part, count(*)
    FROM {_VISIT} AND a.checked_in_at IS NOT NULL GROUP BY 1, 2
"""
ENDINGS: Final = f"""
    SELECT o.code AS row, CASE WHEN a.ended_at <= a.ends_at + interval '15 minutes' THEN 'in_time' ELSE 'overrun' END
        AS part, count(*)
    FROM {_VISIT} AND a.state = 'served' AND a.ended_at IS NOT NULL GROUP BY 1, 2
"""

ANSWERS: Final = f"""
    SELECT w.queue AS row, {_age("extract(epoch FROM w.answered - w.since)")} AS part, count(*) FROM (
        SELECT 'review' AS queue, v.request_id AS id, v.decided_at AS answered, (
            SELECT max(b.decided_at) FROM verdict b
            WHERE b.request_id = v.request_id AND b.officer_id IS NULL AND b.decided_at <= v.decided_at) AS since
        FROM verdict v WHERE v.officer_id IS NOT NULL AND v.decided_at >= :first AND v.decided_at < :until
            AND NOT EXISTS (SELECT FROM appeal p WHERE p.request_id = v.request_id AND p.decided_at = v.decided_at)
        UNION ALL SELECT 'appeal', p.request_id, p.decided_at, p.created_at FROM appeal p
        WHERE p.decided_at >= :first AND p.decided_at < :until
        UNION ALL SELECT 'urgent', u.request_id, d.at, u.submitted_at FROM urgent_request u
        JOIN LATERAL (SELECT min(d.at) AS at FROM urgent_decision d WHERE d.urgent_request_id = u.id) d ON true
        WHERE d.at >= :first AND d.at < :until
    ) w JOIN request r ON r.id = w.id WHERE w.since IS NOT NULL AND {_OFFICE_AND_SERVICE} GROUP BY 1, 2
"""
WAITS: Final = f"""
    SELECT w.code AS row, CASE WHEN w.starts_at IS NOT NULL
            THEN CASE WHEN w.starts_at - w.created_at <= w.longest THEN 'within' ELSE 'beyond' END
        WHEN :now - w.created_at <= w.longest THEN 'waiting_within' ELSE 'waiting_beyond' END AS part, count(*)
    FROM (
        SELECT s.code, r.created_at, make_interval(days => s.maximum_wait_days) AS longest,
            (SELECT min(a.starts_at) FROM appointment a WHERE a.request_id = r.id) AS starts_at
        FROM request r {_EACH_SERVICE}
        WHERE r.created_at >= :first AND r.created_at < :until AND {_OFFICE_AND_SERVICE}
            AND (r.state IN ('accepted', 'carried_over', 'drawn', 'held', 'completed')
                OR EXISTS (SELECT FROM appointment a WHERE a.request_id = r.id))
    ) w GROUP BY 1, 2
"""
