"""What is stored. Importing this package registers every table on ``Base.metadata``."""

from booking.platform.models.accounts.calendar_feed import CalendarFeed
from booking.platform.models.accounts.consent_paper import ConsentPaper
from booking.platform.models.accounts.copy import AccountCopy
from booking.platform.models.accounts.dispute import Dispute, DisputeOutcome
from booking.platform.models.accounts.ended_claim import EndedClaim
from booking.platform.models.accounts.helper import Consent, Helper, HelperDevice, HelperUse
from booking.platform.models.accounts.known_device import KnownDevice
from booking.platform.models.accounts.message import Delivery, Message
from booking.platform.models.accounts.person import Account, HouseholdMember, Person, PhoneCode
from booking.platform.models.accounts.phone_change import LostFactor, PhoneChange
from booking.platform.models.accounts.provider_subject import CitizenSubject, ProviderSubject
from booking.platform.models.accounts.reaching import ContactChannel, IncomingMessage, NoticeChoice
from booking.platform.models.accounts.second_factor import Passkey, RecoveryCode, SecondFactor
from booking.platform.models.accounts.staff import StaffChange, StaffPerson
from booking.platform.models.audit import AuditEntry
from booking.platform.models.base import Base
from booking.platform.models.beacon import BeaconPart, BeaconRound
from booking.platform.models.idempotency import IdempotencyKey
from booking.platform.models.key_check import KeyCheck
from booking.platform.models.log import (
    LogCheckpoint,
    LogCosignature,
    LogEntry,
    LogHold,
    LogPending,
    LogTile,
    LogWitness,
)
from booking.platform.models.observer import Observer
from booking.platform.models.offices.chance import DrawChance, OfficeChance
from booking.platform.models.offices.closure import AppointmentMove, Closure
from booking.platform.models.offices.hall import OpenCounter, ServiceTime
from booking.platform.models.offices.office import Holiday, Office, Service
from booking.platform.models.offices.roster import Roster, RosterRepair, RosterShift, StaffLeave, StaffTerms
from booking.platform.models.offices.slot import Slot, SlotPool
from booking.platform.models.offices.waiting import WaitingTime
from booking.platform.models.offices.walk_in import WalkIn, WalkInDay
from booking.platform.models.online.credential import CredentialOffer, IssuedCredential
from booking.platform.models.online.online import OnlineCase, OnlineDecision, OnlinePaper
from booking.platform.models.online.originals import CaseOriginals
from booking.platform.models.online.payment import Payment, PaymentEvent
from booking.platform.models.online.result import IssuedResult
from booking.platform.models.open_data import OpenDataFile
from booking.platform.models.policies.exceptions import RuleException
from booking.platform.models.policies.learning import GateMeasure, GateStudy, Label, ShadowScore, ShadowVerdict
from booking.platform.models.policies.policy import (
    LimitSetVersion,
    ModelVersion,
    NoShowModelVersion,
    QuotaPolicy,
    RuleDraft,
    RuleSetVersion,
    VersionStep,
)
from booking.platform.models.policies.quota import QuotaDraft, QuotaTrial
from booking.platform.models.policies.replay import ReplayRun
from booking.platform.models.requests.appointment import Appointment, AppointmentPlaces, Outcome, OutcomeCorrection
from booking.platform.models.requests.case import Appeal, Verdict
from booking.platform.models.requests.counter_request import CounterRequest
from booking.platform.models.requests.draw import (
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
from booking.platform.models.requests.edit import RequestEdit, RequestLeft
from booking.platform.models.requests.errand import RequestErrand
from booking.platform.models.requests.request import (
    Request,
    RequestMember,
    RequestOffice,
    is_challenged,
    is_under_review,
    waits_for_draw,
)
from booking.platform.models.requests.review_case import PersonKey, ReviewCase
from booking.platform.models.requests.swap import SwapEntry, SwapNight, SwapOutcome, SwapState, SwapWish
from booking.platform.models.requests.upload import EvidenceUpload
from booking.platform.models.requests.urgent import UrgentDecision, UrgentEvidence, UrgentRequest
from booking.platform.models.running_process import ContractStep, ProcessKind, RunningProcess
from booking.platform.models.webhook import (
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
