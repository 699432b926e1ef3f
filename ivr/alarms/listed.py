"""Every alarm there is, the gravest first."""

from __future__ import annotations

from ivr.alarms.alarm import Alarm
from ivr.alarms.judging import (
    FEW,
    answer_rates,
    checked,
    failing,
    none_answered,
    not_taken,
    over,
    redis_away,
    some,
    state,
    store_away,
    unanswered,
    under,
    unreached,
    web_away,
    worker_gone,
    wrong_areas,
)

BEHIND = 30
"""Seconds after which what waits in the outbox is late: an alarm is to be told within a minute."""
ROOM = 200 * 1024 * 1024
"""Bytes that must be free: the outbox of a day's calls without a store is some 100 MB."""
RELAYED = 30
"""Seconds: six of its longest pauses."""
RECONCILED = 75
"""Seconds: it is done each half minute, and two in a row were missed."""
COMPARED = 12
"""Hours: a call is compared within six or seven of its beginning, and five turns were missed."""
WATCHED = 45
"""Seconds: it is done four times a minute, and two in a row were missed."""
DIRECTORY = 183
"""Days: postcodes are published every quarter, and two in a row were missed."""
EXPIRES = 14
"""Days before a certificate's end."""

ALARMS = (
    Alarm(
        "web_away",
        "the web does not answer /ready",
        "whoever rings hears Twilio's fallback, if there is one",
        "see why the web ended: its last lines are in the log; start the line anew",
        web_away,
    ),
    Alarm(
        "not_served",
        "/ready says that calls cannot be served: table, words or numbers",
        "every caller hears the last resort, or is sent to numbers that reach nobody",
        "do what /ready says",
        checked("table", "words", "numbers"),
    ),
    Alarm(
        "last_resort",
        "in the last hour a call came to the last resort",
        "a fault of ours that should not be; its caller was put through to the fallback",
        "look for last_resort in the log: it has the kind and place of the fault",
        some(lambda figures: figures.last_resorts, "calls"),
    ),
    Alarm(
        "unanswered",
        "in the last hour a caller stayed and nobody took the call",
        "calls in less calls put through must be nought (911 in April 2014: six hours unnoticed)",
        "ring those services; see that the always-open line answers",
        unanswered,
    ),
    Alarm(
        "none_answered",
        f"{FEW} calls or more of the last hour are over, and not one was answered",
        "if four in ten ring off before an answer, that comes by chance once in 1,500 such hours",
        "ring the line yourself; see Twilio's console for failed legs",
        none_answered,
    ),
    Alarm(
        "silent",
        "nobody reaches a service for longer than its own last four weeks make likely",
        "where the same hours had 15 calls on average: by chance, after one call in 3 million",
        "ring the line from outside, and from there; if the table was changed so, all is well",
        unreached,
    ),
    Alarm(
        "probe_failed",
        "the newest probe of a route rang another service, or nobody",
        "one wrong row sent calls to the wrong area for six months before anyone saw it",
        "`ivr route` tells where it leads, and why; if a table was just published, roll it back",
        failing,
    ),
    Alarm(
        "test_call_failed",
        "the newest test call to a number of a service was not taken by that service",
        "one wrong digit in the table puts the callers of an area through to a stranger",
        "ring the number yourself; mend the table, then `ivr test-calls ring` it again",
        not_taken,
    ),
    Alarm(
        "wrong_area_jump",
        "in a day far more of a service's callers said it is the wrong area than in four weeks",
        "at 5 in 100 more, and so many that chance would have it once in 100,000 days",
        "ask the service whom it hears from; compare the table with the one before",
        wrong_areas,
    ),
    Alarm(
        "answer_rate_jump",
        "in a day a service answered far fewer of its calls itself than in four weeks",
        "at 10 in 100 fewer, and so few that chance would have it once in 100,000 days",
        "ring its numbers as the table has them; compare the table with the one before",
        answer_rates,
    ),
    Alarm(
        "overdue",
        "a callback is past its deadline",
        "somebody was promised to be rung back, and waits (NHS 24, 2015: found dead days later)",
        "`ivr callbacks list`, and ring them",
        some(lambda figures: figures.overdue, "callbacks"),
    ),
    Alarm(
        "needs_a_person",
        "a callback is left to a person",
        "no machine will try it again, and none will close it",
        "`ivr callbacks list`; do what docs/callbacks.md says for its reason, then close it",
        state("needs_a_person", "callbacks"),
    ),
    Alarm(
        "callback_unanswered",
        "a callback went unanswered and waits for its next try",
        "it must not come to its deadline unseen",
        "`ivr callbacks show` tells who did not answer; ring that service",
        state("unanswered", "callbacks"),
    ),
    Alarm(
        "reconcile_late",
        f"callbacks were not compared with reality for over {RECONCILED} s",
        "it is done each half minute; without it a lost job is never found",
        "see that the scheduler and the worker `callbacks` run, and that Redis answers",
        over(lambda figures: figures.reconciled, RECONCILED, "s ago"),
    ),
    Alarm(
        "compare_late",
        f"our log is not compared with Twilio's list of the calls of over {COMPARED} hours ago",
        "it is done each hour; a gap that it has not filled in seven days stays for good",
        "see that the scheduler and the worker `chores` run, and that Twilio's API answers",
        over(lambda figures: figures.compared, COMPARED * 3600, "s behind"),
    ),
    Alarm(
        "relay_gone",
        f"the relay of this machine has made no pass for over {RELAYED} s",
        "it makes one each quarter of a second, each five when Redis is away",
        "start `ivr relay`, see docs/when-redis-is-down.md; nothing is lost meanwhile",
        over(lambda figures: figures.relayed, RELAYED, "s ago"),
    ),
    Alarm(
        "watch_late",
        f"nobody looked at all this for over {WATCHED} s",
        "it is done four times a minute; without it no other alarm is raised",
        "start `python -m workers watch`; why it ended stands in the log",
        over(lambda figures: figures.watched, WATCHED, "s ago"),
    ),
    Alarm(
        "no_promises",
        "the outbox cannot be written",
        "no callback can be promised, and no turn is logged",
        "make STATE_DIR writable, or free space on its disk",
        checked("outbox"),
    ),
    Alarm(
        "unlogged",
        "in the last hour an event could not be kept on disk",
        "the log and the report lack it",
        "see the disk of STATE_DIR; the hourly comparison with Twilio's list mends what it can",
        some(lambda figures: figures.unlogged, "events"),
    ),
    Alarm(
        "events_late",
        f"an event has waited in the outbox for over {BEHIND} s",
        "handing over takes a second: Redis, a worker or the store is away",
        "see docs/when-redis-is-down.md",
        over(lambda figures: figures.oldest_event, BEHIND, "s"),
    ),
    Alarm(
        "promises_late",
        f"a promise has waited in the outbox for over {BEHIND} s",
        "nobody is rung back before it is handed over",
        "see docs/when-redis-is-down.md; meanwhile ring them yourself",
        over(lambda figures: figures.oldest_promise, BEHIND, "s"),
    ),
    Alarm(
        "set_aside",
        "events lie in STATE_DIR/aside",
        "the store will not have them, and the report lacks them",
        "see docs/when-redis-is-down.md, then `ivr relay --again`",
        some(lambda figures: figures.aside, "files"),
    ),
    Alarm(
        "store_away",
        "the store does not answer",
        "calls go on; the log waits in the outbox, and callbacks stand still",
        "mend the database, or DATABASE_URL",
        store_away,
    ),
    Alarm(
        "redis_away",
        "Redis does not answer",
        "calls go on; the log and promises wait in the outbox, and callbacks stand still",
        "see docs/when-redis-is-down.md",
        redis_away,
    ),
    Alarm(
        "worker_gone",
        "no worker takes from a queue, or no scheduler fills them",
        "what is to be done there waits",
        "start it: see the Procfile; why it ended stands in the log",
        worker_gone,
    ),
    Alarm(
        "disk_low",
        f"fewer than {ROOM // 1024**2} MB are free on the disk of STATE_DIR",
        "a day's calls without a store take about 100 MB there; a full disk ends all promises",
        "free space",
        under(lambda figures: figures.free, ROOM, "bytes are free"),
    ),
    Alarm(
        "refused",
        "/ready says that new files are refused",
        "the last good ones are served, which may not be what somebody meant",
        "mend the files as the log says, or take the change back",
        checked("new routing table", "new directory", "places", "languages"),
    ),
    Alarm(
        "certificate",
        f"the certificate of PUBLIC_URL expires in fewer than {EXPIRES} days",
        "with an expired one Twilio reaches nothing of ours",
        "renew it",
        under(lambda figures: figures.certificate, EXPIRES, "days are left"),
    ),
    Alarm(
        "directory_old",
        f"the directory's postcodes are more than {DIRECTORY} days old",
        "they are published every quarter; areas change every April",
        "see docs/update-the-directory.md",
        over(lambda figures: figures.directory, DIRECTORY, "days"),
    ),
)
"""Every alarm. The thresholds are our judgement where no source is named."""
