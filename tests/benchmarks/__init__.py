"""Programs that measure, run by hand; the tests never wait for a clock."""
