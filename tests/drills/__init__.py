"""Drills: many callers ring the whole line while what is behind it is killed, stopped and cut."""
