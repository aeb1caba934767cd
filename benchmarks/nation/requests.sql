-- One waiting request an account, for all of its household, with a wish by chance; then its receipt in the log.

SELECT setseed(0.18);

CREATE UNLOGGED TABLE nation_wish AS
WITH service AS (
    SELECT door, array_agg(id ORDER BY position) AS services
    FROM service, (VALUES ('home', 'resident'), ('abroad', 'expatriate')) AS one(door, audience)
    WHERE delivery <> 'online' AND active AND service.audience IN ('both', one.audience) GROUP BY door
), place AS (
    SELECT CASE kind WHEN 'branch' THEN 'home' ELSE 'abroad' END AS door, array_agg(id ORDER BY id) AS ids,
           count(*)::int AS many
    FROM office GROUP BY 1
), chance AS (
    SELECT n, party, reference, CASE WHEN n %% 20 < 17 THEN 'home' ELSE 'abroad' END AS door,
           random() AS near, random() AS ranks, random() AS service, (random() * 6 - 0.5)::int AS first,
           CASE WHEN random() < 0.5 THEN (3 + random() * 16)::int END AS last,
           CASE WHEN random() < 0.1 THEN (3 + random() * 26)::int END AS needed,
           (ARRAY['morning', 'midday', 'afternoon', 'midday,morning', 'afternoon,morning', 'afternoon,midday',
                  'afternoon,midday,morning', 'afternoon,midday,morning', 'afternoon,midday,morning',
                  'afternoon,midday,morning'])[1 + (random() * 9.99 - 0.49)::int] AS bands,
           (ARRAY[0, 0, 0, 0, 1, 1, 2])[1 + (random() * 6.99 - 0.49)::int] AS lost,
           random() < 0.02 AS accessible, random() < 0.02 AS together, random() * 30 AS days_ago
    FROM nation_account
)
SELECT n, md5('request' || n)::uuid AS id, reference, chance.door, party,
       services[1 + floor(chance.service * cardinality(services))::int] AS service_id,
       CASE WHEN %(one_office)s THEN place.ids[1:1] ELSE (SELECT array_agg(place.ids[1 + (least(floor(-ln(1 - near) * many / 3), many - 1)::int + step) %% many] ORDER BY step)
        FROM generate_series(0, least((ARRAY[0, 1, 2, 2])[1 + floor(ranks * 4)::int], many - 1)) step) END AS offices,
       %(first_day)s::date + first AS first_day, %(first_day)s::date + first + last AS last_day,
       %(first_day)s::date + first + needed AS needed_by, bands, accessible, together AND NOT accessible AS together, lost,
       decode(md5(random()::text || n), 'hex') AS nonce, %(now)s - days_ago * interval '1 day' AS created_at
FROM chance JOIN place USING (door) JOIN service USING (door);

CREATE UNLOGGED TABLE nation_receipt AS
SELECT wish.n, sha256(convert_to(format(
    '{"accessible":%%s,"bands":["%%s"],"door":"%%s","first_day":"%%s","last_day":%%s,"needed_by":%%s,"nonce":"%%s",'
    '"offices":["%%s"],"party":%%s,"service":"%%s","units":%%s,"weekdays":127}',
    accessible::text, replace(bands, ',', '","'), wish.door, first_day, coalesce(to_json(last_day)::text, 'null'),
    coalesce(to_json(needed_by)::text, 'null'), encode(nonce, 'hex'),
    (SELECT string_agg(office.code, '","' ORDER BY rank) FROM unnest(offices) WITH ORDINALITY AS one(id, rank)
     JOIN office USING (id)),
    party, service.code, service.units * party
), 'UTF8')) AS receipt
FROM nation_wish wish JOIN service ON service.id = wish.service_id;

INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day, last_day, weekdays,
                     bands, needed_by, accessible, together, lost_draws, owed_turns, lasting_draws, reschedules, nonce,
                     receipt, device_hash, network_hash, phone_hash, created_at, decided_at)
SELECT wish.id, wish.reference, md5('account' || n)::uuid, service_id, wish.door, 'accepted', wish.party,
       service.units * wish.party, first_day, last_day, 127, bands, needed_by, accessible, together, lost, lost, lost, 0, nonce,
       receipt, sha256(convert_to('device' || n, 'UTF8')), sha256(convert_to('network' || n / 40, 'UTF8')), phone_hash,
       wish.created_at, wish.created_at
FROM nation_wish wish JOIN nation_receipt USING (n) JOIN nation_account USING (n)
JOIN service ON service.id = wish.service_id;

INSERT INTO request_office (request_id, rank, office_id)
SELECT wish.id, rank - 1, office FROM nation_wish wish CROSS JOIN unnest(offices) WITH ORDINALITY AS one(office, rank);

INSERT INTO request_member (request_id, person_id, position, exclusive_group, units, live, proven)
SELECT wish.id, md5('person' || person.id)::uuid, person.position, service.exclusive_group, service.units, true, true
FROM nation_wish wish JOIN nation_person person USING (n) JOIN service ON service.id = wish.service_id;

INSERT INTO verdict (id, request_id, decision, reasons, score, inputs, versions, degraded, note, decided_at)
SELECT md5('verdict' || n)::uuid, id, 'accept', '[]', 0.01, '{"register": "here"}', '{}', false, '', created_at
FROM nation_wish;

INSERT INTO log_entry (index, kind, key, body, at)
SELECT (SELECT count(*) FROM log_entry) - 1 + row_number() OVER (ORDER BY n), 'receipt', encode(receipt, 'hex'),
       convert_to('{"receipt":"' || encode(receipt, 'hex') || '","type":"receipt"}', 'UTF8'), %(now)s
FROM nation_receipt;

-- As many places in the pools of draws as the share of the demand says.
UPDATE slot_pool SET places = greatest(places, (places * factor)::int)
FROM (SELECT %(share)s * (SELECT sum(units) FROM request) / sum(places - taken) AS factor FROM slot_pool WHERE pool = 'draw')
     AS demand
WHERE pool IN ('draw', 'accessible') AND factor > 1;

DROP TABLE nation_wish, nation_receipt, nation_account, nation_person;
