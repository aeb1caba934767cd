-- Accounts, people and households from nation_account and nation_person, which hold what the application seals.

INSERT INTO account (id, username, password_hash, phone_ciphertext, phone_hash, phone_confirmed_at, language, door, roles,
                     registered_helper, created_at)
SELECT md5('account' || n)::uuid, 'citizen' || n, %(password)s, phone_ciphertext, phone_hash,
       %(now)s - interval '60 days', (ARRAY['ar', 'ar', 'ar', 'ku', 'ckb', 'en'])[1 + n %% 6],
       CASE WHEN n %% 20 < 17 THEN 'home' ELSE 'abroad' END, ARRAY['citizen'], false, %(now)s - interval '60 days'
FROM nation_account;

INSERT INTO person (id, national_number_ciphertext, national_number_hash, birth_date, created_at)
SELECT md5('person' || id)::uuid, number_ciphertext, number_hash, birth_date, %(now)s - interval '60 days'
FROM nation_person;

INSERT INTO household_member (id, account_id, person_id, name, relation, created_at, level, proved_by, proved_at,
                              grant_ciphertext)
SELECT id, md5('account' || n)::uuid, md5('person' || id)::uuid, name,
       (ARRAY['self', 'spouse', 'child', 'child', 'child', 'child'])[1 + position], %(now)s - interval '60 days',
       'proven', 'card', %(now)s - interval '60 days', grant_ciphertext
FROM nation_person;

SELECT setval(pg_get_serial_sequence('household_member', 'id'), (SELECT max(id) + 1 FROM nation_person));
