"""What is stored. Importing this package registers every table on ``Base.metadata``."""

from booking.models.accounts.calendar_feed import CalendarFeed
from booking.models.accounts.consent_paper import ConsentPaper
from booking.models.accounts.copy import AccountCopy
from booking.models.accounts.dispute import Dispute, DisputeOutcome
from booking.models.accounts.ended_claim import EndedClaim
from booking.models.accounts.helper import Consent, Helper, HelperDevice, HelperUse
from booking.models.accounts.known_device import KnownDevice
from booking.models.accounts.message import Delivery, Message
from booking.models.accounts.person import Account, HouseholdMember, Person, PhoneCode
from booking.models.accounts.phone_change import LostFactor, PhoneChange
from booking.models.accounts.provider_subject import CitizenSubject, ProviderSubject
from booking.models.accounts.reaching import ContactChannel, IncomingMessage, NoticeChoice
from booking.models.accounts.second_factor import Passkey, RecoveryCode, SecondFactor
from booking.models.accounts.staff import StaffChange, StaffPerson
from booking.models.audit import AuditEntry
from booking.models.base import Base
from booking.models.beacon import BeaconPart, BeaconRound
from booking.models.idempotency import IdempotencyKey
from booking.models.key_check import KeyCheck
from booking.models.log import LogCheckpoint, LogCosignature, LogEntry, LogHold, LogPending, LogTile, LogWitness
from booking.models.observer import Observer
from booking.models.offices.chance import DrawChance, OfficeChance
from booking.models.offices.closure import AppointmentMove, Closure
from booking.models.offices.hall import OpenCounter, ServiceTime
from booking.models.offices.office import Holiday, Office, Service
from booking.models.offices.roster import Roster, RosterRepair, RosterShift, StaffLeave, StaffTerms
from booking.models.offices.slot import Slot, SlotPool
from booking.models.offices.waiting import WaitingTime
from booking.models.offices.walk_in import WalkIn, WalkInDay
from booking.models.online.credential import CredentialOffer, IssuedCredential
from booking.models.online.online import OnlineCase, OnlineDecision, OnlinePaper
from booking.models.online.originals import CaseOriginals
from booking.models.online.payment import Payment, PaymentEvent
from booking.models.online.result import IssuedResult
from booking.models.open_data import OpenDataFile
from booking.models.policies.exceptions import RuleException
from booking.models.policies.learning import GateMeasure, GateStudy, Label, ShadowScore, ShadowVerdict
from booking.models.policies.policy import (
    LimitSetVersion,
    ModelVersion,
    NoShowModelVersion,
    QuotaPolicy,
    RuleDraft,
    RuleSetVersion,
    VersionStep,
)
from booking.models.policies.quota import QuotaDraft, QuotaTrial
from booking.models.policies.replay import ReplayRun
from booking.models.requests.appointment import Appointment, AppointmentPlaces, Outcome, OutcomeCorrection
from booking.models.requests.case import Appeal, Verdict
from booking.models.requests.counter_request import CounterRequest
from booking.models.requests.draw import (
    Draw,
    DrawEntry,
    DrawFile,
    DrawFilePart,
    DrawLeftOut,
    DrawOutcome,
    DrawPhase,
    DrawProgress,
    DrawTurn,
    counts_on_places,
    is_being_closed,
)
from booking.models.requests.edit import RequestEdit, RequestLeft
from booking.models.requests.errand import RequestErrand
from booking.models.requests.request import (
    Request,
    RequestMember,
    RequestOffice,
    is_challenged,
    is_under_review,
    waits_for_draw,
)
from booking.models.requests.review_case import PersonKey, ReviewCase
from booking.models.requests.swap import SwapEntry, SwapNight, SwapOutcome, SwapState, SwapWish
from booking.models.requests.upload import EvidenceUpload
from booking.models.requests.urgent import UrgentDecision, UrgentEvidence, UrgentRequest
from booking.models.running_process import ContractStep, ProcessKind, RunningProcess
from booking.models.webhook import (
    WebhookDelivery,
    WebhookEvent,
    WebhookReplay,
    WebhookSecret,
    WebhookSubscription,
)

__all__ = [
    "Account",
    "AccountCopy",
    "Appeal",
    "Appointment",
    "AppointmentMove",
    "AppointmentPlaces",
    "AuditEntry",
    "Base",
    "BeaconPart",
    "BeaconRound",
    "CalendarFeed",
    "CaseOriginals",
    "CitizenSubject",
    "Closure",
    "Consent",
    "ConsentPaper",
    "ContactChannel",
    "ContractStep",
    "CounterRequest",
    "CredentialOffer",
    "Delivery",
    "Dispute",
    "DisputeOutcome",
    "Draw",
    "DrawChance",
    "DrawEntry",
    "DrawFile",
    "DrawFilePart",
    "DrawLeftOut",
    "DrawOutcome",
    "DrawPhase",
    "DrawProgress",
    "DrawTurn",
    "EndedClaim",
    "EvidenceUpload",
    "GateMeasure",
    "GateStudy",
    "Helper",
    "HelperDevice",
    "HelperUse",
    "Holiday",
    "HouseholdMember",
    "IdempotencyKey",
    "IncomingMessage",
    "IssuedCredential",
    "IssuedResult",
    "KeyCheck",
    "KnownDevice",
    "Label",
    "LimitSetVersion",
    "LogCheckpoint",
    "LogCosignature",
    "LogEntry",
    "LogHold",
    "LogPending",
    "LogTile",
    "LogWitness",
    "LostFactor",
    "Message",
    "ModelVersion",
    "NoShowModelVersion",
    "NoticeChoice",
    "Observer",
    "Office",
    "OfficeChance",
    "OnlineCase",
    "OnlineDecision",
    "OnlinePaper",
    "OpenCounter",
    "OpenDataFile",
    "Outcome",
    "OutcomeCorrection",
    "Passkey",
    "Payment",
    "PaymentEvent",
    "Person",
    "PersonKey",
    "PhoneChange",
    "PhoneCode",
    "ProcessKind",
    "ProviderSubject",
    "QuotaDraft",
    "QuotaPolicy",
    "QuotaTrial",
    "RecoveryCode",
    "ReplayRun",
    "Request",
    "RequestEdit",
    "RequestErrand",
    "RequestLeft",
    "RequestMember",
    "RequestOffice",
    "ReviewCase",
    "Roster",
    "RosterRepair",
    "RosterShift",
    "RuleDraft",
    "RuleException",
    "RuleSetVersion",
    "RunningProcess",
    "SecondFactor",
    "Service",
    "ServiceTime",
    "ShadowScore",
    "ShadowVerdict",
    "Slot",
    "SlotPool",
    "StaffChange",
    "StaffLeave",
    "StaffPerson",
    "StaffTerms",
    "SwapEntry",
    "SwapNight",
    "SwapOutcome",
    "SwapState",
    "SwapWish",
    "UrgentDecision",
    "UrgentEvidence",
    "UrgentRequest",
    "Verdict",
    "VersionStep",
    "WaitingTime",
    "WalkIn",
    "WalkInDay",
    "WebhookDelivery",
    "WebhookEvent",
    "WebhookReplay",
    "WebhookSecret",
    "WebhookSubscription",
    "counts_on_places",
    "is_being_closed",
    "is_challenged",
    "is_under_review",
    "waits_for_draw",
]
