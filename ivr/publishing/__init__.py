"""Brings the table that operators published to this machine, where every call finds it on disk.

The web asks no database: it reads what lies in the state folder (:mod:`ivr.snapshot.published`),
and here is what lays it there, on every host, within half a second of its publication.
"""

from ivr.publishing.delivering import Deliverer, deliver
from ivr.publishing.installing import differs, install

__all__ = ["Deliverer", "deliver", "differs", "install"]
