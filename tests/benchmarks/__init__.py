"""Programs that measure, run by ``make bench``; the tests never wait for a clock."""
