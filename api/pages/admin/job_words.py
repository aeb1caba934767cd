"""What each job does, in words for administrators."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_

JOBS: Final[Mapping[str, str]] = {
    "advance_draws": N_("Close, run and publish draws"),
    "advance_swaps": N_("Close and decide the nights that exchange appointments"),
    "expire": N_("End offers, holds, visits and urgent cases whose time is over"),
    "keep_log": N_("Put the public log in order, sign it, and ask its witnesses"),
    "deliver_all": N_("Send the notices that wait"),
    "send_events": N_("Tell other systems what happened"),
    "compare_newcomers": N_("Compare new people with those who are known"),
    "escalate_appeals": N_("Point out appeals whose last day is over"),
    "end_online_cases": N_("End online requests and results whose time is over, and give fees back"),
    "change_waiting_phones": N_("Change phones and end second steps whose waiting time is over"),
    "make_slots": N_("Make the time slots of the coming weeks"),
    "remind_early": N_("Remind people early of their appointment"),
    "end_staff_changes": N_("End changes of staff that no second administrator confirmed"),
    "remove_old_evidence": N_("Remove evidence and papers whose time is over"),
    "remove_old_traces": N_("Remove old records of notices, events and credentials"),
    "erase_closed": N_("Remove old copies, and forget the owners of closed accounts"),
    "copy_account": N_("Make a copy of somebody's data"),
    "remove_old_jobs": N_("Remove old jobs"),
    "publish_days": N_("Publish the figures of past days"),
    "replay": N_("Repeat the verdicts of the day before"),
    "measure_drift": N_("Measure whether the model still fits"),
    "measure_waits": N_("Measure how long people wait"),
    "learn_forecast": N_("Learn the forecast"),
    "forecast": N_("Learn a forecast that somebody looks at"),
    "link_everyone": N_("Look for people who are known twice"),
    "open_questions": N_("Look for approvals that raise questions"),
    "back_up": N_("Make the backup of the night, and try it"),
    "retry_stalled": N_("Take up jobs that were cut off"),
    "plan_closure": N_("Plan where the people of a closed day go"),
    "try_quotas": N_("Try out a draft of quotas"),
    "study": N_("Compute a study of rules or of a model"),
    "judge_again": N_("Judge again what was asked while the register was away"),
    "publish_audit": N_("Publish the value that picks the lines which observers open"),
    "refund": N_("Give a fee back"),
    "tell_of_charge": N_("Tell of a payment"),
    "send_reset": N_("Send a code for a new password"),
    "tell_usernames": N_("Tell somebody their user name"),
    "deliver": N_("Send a notice"),
    "replay_events": N_("Send the events of a period again"),
}
