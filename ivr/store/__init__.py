"""The database: every event once, of each call the record told from them, and the callbacks.

SQLite by default and Postgres by its URL, with the same guarantees: what :meth:`Store.keep` was
given is there whole or not at all, and twice is once.
"""

from ivr.store.audit import Audit
from ivr.store.callback_rows import Change
from ivr.store.callbacks import Callbacks
from ivr.store.looking import CameTo, Looking, Place, Seen, Wanted
from ivr.store.migrate import migrate
from ivr.store.opening import StoreError
from ivr.store.people import Operator, People, PeopleError, SignIn, SignIns
from ivr.store.probes import Probed, Probes
from ivr.store.retention import Forgotten, Retention
from ivr.store.store import Store
from ivr.store.tokens import Token, Tokens
from ivr.store.trials import Trials

__all__ = [
    "Audit",
    "Callbacks",
    "CameTo",
    "Change",
    "Forgotten",
    "Looking",
    "Operator",
    "People",
    "PeopleError",
    "Place",
    "Probed",
    "Probes",
    "Retention",
    "Seen",
    "SignIn",
    "SignIns",
    "Store",
    "StoreError",
    "Token",
    "Tokens",
    "Trials",
    "Wanted",
    "migrate",
]
