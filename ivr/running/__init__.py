"""Starts everything the line is made of on one machine, keeps it going, and ends it in order."""
