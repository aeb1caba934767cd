"""What is stored. Importing this package registers every table on ``Base.metadata``."""

from booking.models.appointment import Appointment, AppointmentPlaces, Outcome, OutcomeCorrection
from booking.models.audit import AuditEntry
from booking.models.base import Base
from booking.models.case import Appeal, Verdict
from booking.models.closure import AppointmentMove, Closure
from booking.models.consent_paper import ConsentPaper
from booking.models.counter_request import CounterRequest
from booking.models.draw import Draw, DrawEntry, DrawFile, DrawLeftOut
from booking.models.exceptions import RuleException
from booking.models.helper import Consent, Helper, HelperDevice, HelperUse
from booking.models.idempotency import IdempotencyKey
from booking.models.key_check import KeyCheck
from booking.models.learning import GateMeasure, GateStudy, Label, ShadowScore, ShadowVerdict
from booking.models.message import Delivery, Message
from booking.models.office import Holiday, Office, Service
from booking.models.online import OnlineCase, OnlineDecision, OnlinePaper
from booking.models.open_data import OpenDataFile
from booking.models.originals import CaseOriginals
from booking.models.payment import Payment, PaymentEvent
from booking.models.person import Account, HouseholdMember, Person, PhoneCode
from booking.models.policy import (
    LimitSetVersion,
    ModelVersion,
    NoShowModelVersion,
    QuotaPolicy,
    RuleDraft,
    RuleSetVersion,
    VersionStep,
)
from booking.models.provider_subject import ProviderSubject
from booking.models.quota import QuotaDraft, QuotaTrial
from booking.models.reaching import ContactChannel, IncomingMessage, NoticeChoice
from booking.models.replay import ReplayRun
from booking.models.request import Request, RequestMember, RequestOffice
from booking.models.result import IssuedResult
from booking.models.review_case import PersonKey, ReviewCase
from booking.models.second_factor import Passkey, RecoveryCode, SecondFactor
from booking.models.slot import Slot, SlotPool
from booking.models.upload import EvidenceUpload
from booking.models.urgent import UrgentDecision, UrgentEvidence, UrgentRequest
from booking.models.waiting import WaitingTime
from booking.models.walk_in import WalkIn, WalkInDay

__all__ = [
    "Account",
    "Appeal",
    "Appointment",
    "AppointmentMove",
    "AppointmentPlaces",
    "AuditEntry",
    "Base",
    "CaseOriginals",
    "Closure",
    "Consent",
    "ConsentPaper",
    "ContactChannel",
    "CounterRequest",
    "Delivery",
    "Draw",
    "DrawEntry",
    "DrawFile",
    "DrawLeftOut",
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
    "IssuedResult",
    "KeyCheck",
    "Label",
    "LimitSetVersion",
    "Message",
    "ModelVersion",
    "NoShowModelVersion",
    "NoticeChoice",
    "Office",
    "OnlineCase",
    "OnlineDecision",
    "OnlinePaper",
    "OpenDataFile",
    "Outcome",
    "OutcomeCorrection",
    "Passkey",
    "Payment",
    "PaymentEvent",
    "Person",
    "PersonKey",
    "PhoneCode",
    "ProviderSubject",
    "QuotaDraft",
    "QuotaPolicy",
    "QuotaTrial",
    "RecoveryCode",
    "ReplayRun",
    "Request",
    "RequestMember",
    "RequestOffice",
    "ReviewCase",
    "RuleDraft",
    "RuleException",
    "RuleSetVersion",
    "SecondFactor",
    "Service",
    "ShadowScore",
    "ShadowVerdict",
    "Slot",
    "SlotPool",
    "UrgentDecision",
    "UrgentEvidence",
    "UrgentRequest",
    "Verdict",
    "VersionStep",
    "WaitingTime",
    "WalkIn",
    "WalkInDay",
]
