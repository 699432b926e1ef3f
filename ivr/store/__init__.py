"""The database: every event once, of each call the record told from them, and the callbacks.

SQLite by default and Postgres by its URL, with the same guarantees: what :meth:`Store.keep` was
given is there whole or not at all, and twice is once.
"""

from ivr.store.callback_rows import Change
from ivr.store.callbacks import Callbacks
from ivr.store.migrate import migrate
from ivr.store.opening import StoreError
from ivr.store.retention import Forgotten, Retention
from ivr.store.store import Store

__all__ = ["Callbacks", "Change", "Forgotten", "Retention", "Store", "StoreError", "migrate"]
