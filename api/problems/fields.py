"""What is wrong with a field, in words: the core names a stable reason, this says it."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_, Words

SENTENCES: Final[Mapping[str, str]] = {
    "missing": N_("Answer this question."),
    "too_short": N_("This is too short: at least %(min)s characters."),
    "too_long": N_("This is too long."),
    "characters": N_("“%(character)s” cannot be used here."),
    "length": N_("The number must have %(expected)s digits; this one has %(got)s."),
    "unreadable": N_("We could not read this. Check how it is written."),
    "unknown": N_("Choose one of the answers."),
    "choose_one": N_("Choose one of the answers."),
    "may_not_decide": N_("This colleague may not decide one of these cases. Choose another one, or the queue."),
    "invalid": N_("This does not exist. Check each digit."),
    "invalid_value": N_("This answer cannot be used."),
    "unknown_field": N_("There is no such field."),
    "no_word": N_("Mawid has nothing that corresponds to this field, so it was not ignored but refused."),
    "too_few": N_("There are too few of these."),
    "too_many": N_("There are too many of these."),
    "landline": N_("This is a landline. We need a mobile number that receives messages."),
    "reference_misread": N_("This reference is mistyped. Compare it letter by letter."),
    "common": N_("This password is on a list of leaked ones, which are tried first. Choose another one."),
    "context_words": N_(
        "Words such as passport, Damascus or your user name are guessed first and do not count. Add other "
        "characters, at least %(min)s."
    ),
    "is_phone": N_("A phone number cannot be a user name: it may become somebody else's."),
    "same_phone": N_("This is already the phone of your account."),
    "wrong_password": N_("This is not your current password."),
    "wrong_code": N_("This code is not right. Check the last message, or begin again for new codes."),
    "is_username": N_("The password must differ from the user name."),
    "in_future": N_("This day is in the future."),
    "too_early": N_("This day is too long ago."),
    "other_years": N_("This day is too far away. Enter a year from %(first)s to %(last)s."),
    "does_not_match": N_("This date does not fit the national number. Check both."),
    "in_household": N_(
        "One of your people has this number already. Check each digit; to change their entry, remove it first."
    ),
    "same_name_and_day": N_(
        "One of your people has this name and birth date under another number. Check each digit, or tick the box."
    ),
    "very_young_self": N_("“Myself” is younger than %(years)s. Is it your child? Choose again, or tick the box."),
    "seen_and_ended": N_("This is the code of the same account, which cannot both act and stop acting."),
    "not_matched": N_("The register does not know this number with this name and birth date. Check all three."),
    "self_taken": N_("Your account has “Myself” already. Choose how this person is related to you."),
    "register_differs": N_("The civil register says something else for this number. Compare it with the document."),
    "no_document": N_("Choose the documents that you compared. Without one nothing can be decided."),
    "nobody_acts": N_("No account asks for anybody with this number."),
    "nothing_to_decide": N_("Enter the code of the person's account, or choose the accounts that should stop acting."),
    "unknown_service": N_("This service is not offered here."),
    "nobody": N_("Choose at least one person."),
    "unknown_person": N_("One of these people is no longer in your household."),
    "nobody_joins": N_("Nobody can join a request. Ask for another appointment for this person."),
    "urgent_with_officers": N_(
        "Nobody can leave while officers have your urgent request. Wait for their answer, or withdraw the urgent "
        "request first."
    ),
    "same_person_twice": N_("One person was chosen twice."),
    "too_many_people": N_("At most %(most)s people can come together."),
    "nothing_to_start": N_("Nothing of this plan can be started now."),
    "no_office": N_("Choose at least one office."),
    "unknown_office": N_("One of the offices is not open for this."),
    "same_office_twice": N_("One office was chosen twice. Choose another one or leave it empty."),
    "too_many_offices": N_("Choose at most %(most)s offices."),
    "missing_home_days": N_("Enter the first and last day of your visit home, or choose consulates only."),
    "home_days_in_wrong_order": N_(
        "The visit home must begin today or later, end after it begins, and end within a year."
    ),
    "no_accessible_office": N_("None of the chosen offices is step-free. Choose another one."),
    "no_weekday": N_("Leave at least one day ticked."),
    "closed_weekdays": N_("None of your offices is open on these days. Tick another day or choose another office."),
    "no_band": N_("Leave at least one time of day ticked."),
    "unknown_band": N_("One of the times of day does not exist."),
    "past_day": N_("Choose a day that is not past."),
    "too_far": N_("This day is more than a year away."),
    "before_first_day": N_("This day is before the first day on which you can come."),
    "unconfirmed": N_("Tick the box to confirm how many people must move."),
    "no_chosen_weekday": N_("None of the weekdays that you chose falls between these dates. Choose another day."),
    "after_last_day": N_("The first day is after the last one."),
    "too_long_a_period": N_("Choose a period of two years at most."),
    "unknown_reason": N_("Choose one of the reasons."),
    "not_urgent_day": N_("A day so far away is not urgent: the draw reaches it. The last day is ninety days from now."),
    "no_evidence": N_("Choose a photo or a PDF that shows why it is urgent."),
    "too_large_file": N_(
        "This file is too large: at most %(most)s MB. Send one page at a time, or take a photo of it."
    ),
    "too_many_files": N_("There are enough files: at most %(most)s. Remove one that is not needed."),
    "damaged_file": N_("This file is damaged or did not arrive whole. Send it again, or take a photo of the paper."),
    "too_many_pixels": N_("This image is too large to open. Take the photo again with your phone's usual camera."),
    "encrypted_pdf": N_("This PDF is locked with a password. Take a photo of the paper instead."),
    "too_many_pages": N_("This PDF has too many pages: at most ten. Send only those that matter."),
    "executable_file": N_("This is a program, not a photo or a PDF. It was not kept."),
    "archive_file": N_("This is an archive or an office document. Send a photo or a PDF of the paper itself."),
    "script_file": N_("This is a text or web file, not a photo or a PDF. It was not kept."),
    "unknown_file": N_("This is not a photo (JPEG, HEIC, PNG, WebP) or a PDF."),
    "harmful_file": N_("Our scanner found something harmful in this file. It was not kept."),
    "over_a_month": N_("Choose a month at most."),
    "ends_before_it_begins": N_("The last day is before the first."),
    "no_score": N_("Enter a number between 0 and 1, for example 0.35."),
    "review_before_challenge": N_("The line of a review cannot be below the line of a check."),
    "too_many_days": N_("Enter a number of days from 1 to %(most)s."),
    "faulty_rules": N_("The rules have faults. Each is listed below with its line."),
    "too_many_uploads": N_("Too many files were begun today. Try again tomorrow."),
    "too_many_parts": N_("The file came in far too many pieces. Choose it again, where the network is better."),
    "longer_than_announced": N_("The file is longer than it said. Choose it again."),
    "upload_incomplete": N_("Part of the file is still missing. Choose it again: what has come is kept."),
    "unknown_rule": N_("The active rules have none of this name."),
    "closes_too_early": N_("The draw must close after it opens, and in the future."),
    "horizon_in_wrong_order": N_("The days must begin after the draw closes, and end within a year."),
    "unknown_counter": N_("There is no such counter: enter a number from 1 to %(most)s."),
    "too_many_counters": N_("Fewer counters than usual: at most %(most)s."),
    "too_many_passkeys": N_("You have %(most)s passkeys already. Remove one that you no longer use."),
    "draw_exists": N_("There is a draw of this name already."),
    "draw_not_abandoned": N_("There is no draw of this name that was given up."),
    "must_agree": N_("Tick this to continue."),
    "no_quota_number": N_("This is not a number. Enter one, for example 12.5."),
    "negative_quota": N_("This is below zero. Enter 0 for a pool without places."),
    "share_above_whole": N_("A share is at most 100 per cent."),
    "share_too_fine": N_("At most two decimals, for example 12.25."),
    "shares_missing": N_("The shares add to %(sum)s%%. %(difference)s%% is missing."),
    "shares_too_much": N_("The shares add to %(sum)s%%. That is %(difference)s%% too much."),
    "fractional_places": N_("Places are whole numbers: nobody can have a part of one."),
    "too_many_places": N_("At most %(most)s places a day."),
    "kind_needs_shares": N_(
        "All branches and all consulates need shares for every day: every other row inherits them."
    ),
    "unpublished_draw": N_("One of these draws is not published. It can be tried once it is."),
    "too_many_draws": N_("Choose at most %(most)s draws at once."),
    "not_so_many": N_("Enter a whole number from 0 to %(most)s."),
    "nothing_chosen": N_("Choose at least one draw, or the forecast of the next one."),
    "unknown_username": N_("Nobody has this user name."),
    "no_request": N_("There is no request or appointment with this reference."),
    "no_email": N_("This is not an e-mail address. Example: amal@mail.example"),
    "no_telegram": N_("This is not a number of Telegram: 5 to 15 digits."),
    "below": N_("The smallest answer is %(least)s."),
    "above": N_("The largest answer is %(most)s."),
    "too_many_at_once": N_("Send at most %(most)s files at once, and the others after these."),
    "no_paper": N_("A paper is missing."),
    "no_file": N_("Choose a photo or a PDF of the paper."),
    "must_declare": N_("Confirm that what you wrote is true."),
    "changes_fee": N_(
        "One answer would change the fee that was paid. Put it back as it was, or withdraw the request and ask again."
    ),
    "changes_thing": N_("One answer would make it a request for something else. Put it back as it was."),
    "too_early_a_day": N_("The first day that can be chosen is %(day)s."),
    "too_late_a_day": N_("The last day that can be chosen is %(day)s."),
    "no_such_request": N_("No request from a counter has this reference and number. Compare both with the receipt."),
    "not_by_post": N_("This consulate takes no papers by post. Choose a visit, or another consulate."),
    "not_by_visit": N_("This consulate takes these papers by post only. Choose the post, or another consulate."),
    "forged_sheet": N_("This code is damaged or not ours. Compare the sheet with the case, and enter the reference."),
    "no_posted_case": N_("No papers are sent by post for this reference."),
    "other_consulate": N_("These papers belong to another consulate: its address is on the cover sheet. Forward them."),
    "no_tracking": N_("Enter 4 to %(most)s Latin letters, digits, spaces, dots, slashes, colons or dashes."),
    "say_why_to_go_on": N_("Something that must be there first is missing on that day. Say why you continue."),
    "no_cap": N_("Enter a number from 1 to %(most)s."),
}
"""A sentence for each reason of `booking.base.errors.FieldError`."""

FOR_FIELD: Final[Mapping[tuple[str, str], str]] = {
    ("username", "missing"): N_("Enter a user name."),
    ("username", "spaces"): N_("Do not use spaces."),
    ("username", "characters"): N_("“%(character)s” cannot be in a user name. Use letters, digits, dots and dashes."),
    ("password", "missing"): N_("Enter a password."),
    ("password", "characters"): N_("The password has a character that cannot be used."),
    ("name", "missing"): N_("Enter the name."),
    ("national_number", "missing"): N_("Enter the national number."),
    ("national_number", "characters"): N_("“%(character)s” is not a digit. Enter digits only."),
    ("way", "choose_one"): N_("Choose one of the ways."),
    ("consulate", "choose_one"): N_("Choose a consulate."),
    ("birth_date", "missing"): N_("Enter the birth date."),
    ("birth_date", "unreadable"): N_("There is no such day. Enter day, month and year, for example 17 5 1990."),
    ("relation", "missing"): N_("Choose who it is."),
    ("phone", "missing"): N_("Enter the mobile number."),
    ("phone", "unreadable"): N_("This is not a phone number. Example: 0933 123 456, or +49 151 23456789."),
    ("phone", "invalid"): N_("There is no such phone number. Check each digit, and the country code if it is abroad."),
    ("words", "missing"): N_("Tell us why you disagree."),
    ("note", "missing"): N_("Write a note."),
    ("title", "missing"): N_("Give the draft a title."),
    ("reason", "missing"): N_("Write the reason."),
    ("roles", "missing"): N_("Choose at least one role."),
    ("needed_by", "missing"): N_("Enter the day by which you need it."),
    ("needed_by", "past_day"): N_("Last useful day: choose a day that is not past."),
    ("needed_by", "before_first_day"): N_("The last useful day is before the first possible day. Change one of them."),
    ("needed_by", "too_far"): N_("Last useful day: choose a day within a year."),
    ("needed_by", "unreadable"): N_("Last useful day: there is no such day. Example: 24/11/2026."),
    ("needed_by", "no_chosen_weekday"): N_(
        "Last useful day: none of the weekdays that you ticked falls before it. Tick more days or choose a later day."
    ),
    ("first_day", "past_day"): N_("First possible day: choose a day that is not past."),
    ("first_day", "too_far"): N_("First possible day: choose a day within a year."),
    ("first_day", "unreadable"): N_("First possible day: there is no such day. Example: 24/11/2026."),
    ("home_first", "unreadable"): N_("First day at home: there is no such day. Example: 24/11/2026."),
    ("home_last", "unreadable"): N_("Last day at home: there is no such day. Example: 24/11/2026."),
    ("day", "missing"): N_("Choose the day."),
    ("counter", "missing"): N_("Enter the number of your counter."),
    ("counters", "missing"): N_("Enter how many counters stay open."),
    ("text", "missing"): N_("Scan a pass or enter something to look for."),
    ("slot", "choose_one"): N_("Choose a time."),
    ("key", "missing"): N_("Copy the organisation's public key here."),
    ("key", "invalid_value"): N_("This is not an observer's public key. Copy the whole line, from the name on."),
    ("key", "taken"): N_("An observer, or a proposal that waits, has this key or its name already."),
    ("subject", "taken"): N_("A colleague is linked with this subject already."),
    ("message", "missing"): N_("Write the message."),
    ("name", "state_differs"): N_(
        "The state's sign-in has another name. Correct the one that you typed, then come again."
    ),
    ("birth_date", "state_differs"): N_(
        "The state's sign-in has another birth date. Remove the person, add them with the right one, then come again."
    ),
    ("organisation", "missing"): N_("Enter the name of the shop or organisation."),
    ("licence", "missing"): N_("Enter the number of the licence."),
    ("licence", "taken"): N_("A helper is registered with this licence already."),
    ("reference", "missing"): N_("Enter the reference."),
    ("address", "missing"): N_("Enter the address."),
    ("document", "missing"): N_("Enter the document number."),
    ("place", "missing"): N_("Write where the person should come."),
    ("time", "unreadable"): N_("Write the time as hours and minutes, for example 09:30."),
    ("agency_code", "unknown"): N_("There is no such agency."),
    ("name", "unreadable"): N_("Write the name in one line."),
    ("url", "missing"): N_("Enter the address."),
    ("url", "not_https"): N_("Enter an address that begins with https://, without a user name and without #."),
    ("url", "inside"): N_("This address leads into our own network, where nothing is sent."),
    ("kinds", "missing"): N_("Choose at least one event."),
    ("kinds", "unknown"): N_("Choose only events of the list."),
    ("since_day", "missing"): N_("Choose the day."),
    ("until_day", "missing"): N_("Choose the day."),
    ("until_day", "before_since"): N_("The last day is before the first day. Change one of them."),
    ("until_day", "too_early"): N_("Events of these days are no longer kept. Choose a later day."),
    ("passkey_name", "missing"): N_("Give the device a name."),
}
"""Better sentences where the field is known."""

UNKNOWN: Final = N_("This answer cannot be used.")


def field_sentence(field: str, reason: str, values: Mapping[str, str | int], words: Words) -> str:
    """Return what is wrong with a field, in one sentence."""
    sentence = FOR_FIELD.get((field, reason)) or SENTENCES.get(reason, UNKNOWN)
    if reason in ("too_early_a_day", "too_late_a_day"):
        values = {**values, "day": words.day_of(str(values["day"]))}
    if reason in ("shares_missing", "shares_too_much", "other_years"):  # percentages and years, without thousands apart
        values = {name: words.digits(str(value)) for name, value in values.items()}
    return words.say(sentence, values)
