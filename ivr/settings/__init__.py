"""What an operator may set, read once from the environment and refused whole if any is wrong.

:mod:`~ivr.settings.allowed` is the one list of what may be set. There is no setting that turns the
check of signatures off: without Twilio's auth token the line is a *test line*, and signs with a
token made on this machine, and seals with a key made there.
"""

from ivr.settings.allowed import HIGHEST_PORT, SETTINGS, Setting
from ivr.settings.reading import Settings, SettingsError, read
from ivr.settings.state import private_folder, sealing_keys, signing_tokens, unusable

__all__ = [
    "HIGHEST_PORT",
    "SETTINGS",
    "Setting",
    "Settings",
    "SettingsError",
    "private_folder",
    "read",
    "sealing_keys",
    "signing_tokens",
    "unusable",
]
