"""The database of the log: every event once, and of each call the record folded from its events.

SQLite by default and Postgres by its URL, with the same guarantees: what :meth:`Store.keep` was
given is there whole or not at all, and twice is once.
"""

from ivr.store.migrate import migrate
from ivr.store.opening import StoreError
from ivr.store.retention import Forgotten, Retention
from ivr.store.store import Store

__all__ = ["Forgotten", "Retention", "Store", "StoreError", "migrate"]
