"""Press Two: a person in crisis rings, and is put through to the service for where they are.

Five promises hold the house up (docs/promises.md): a caller is never left; nothing they need
waits for Redis, a database or the network; a promise is kept before it is spoken; no table goes
live unseen; where somebody is, never who.

The call itself, values in and values out:

* ``call`` - the words a call is told in
* ``flow`` - the table of its steps; ``finding`` and ``ringing`` - the steps; ``world`` - what
  they may consult
* ``postcode`` - hears a postcode in keys or speech
* ``directory`` - which place a postcode lies in
* ``routing`` - which service covers a place, and its numbers; ``hours``, ``numbers``
* ``whereabouts`` - which services may be meant; ``towns`` - by the name of a town;
  ``asking`` - how the caller is asked which
* ``prompts`` - every sentence spoken; ``words`` - which there must be
* ``records`` - what is kept of a turn; ``events`` - and what may be kept at all; ``log`` - of a
  whole call
* ``explain``, ``diagram`` - tell an operator where a postcode goes, and draw the call

The edges, one thing outside each:

* ``twiml`` - Twilio's XML; ``web`` - Twilio's questions, and is the line well
* ``snapshot`` - the files of directory and table; ``outbox`` - promises and events on disk;
  ``sealing`` - the line's keys
* ``relay`` - hands events from the outbox to Redis, for the workers; ``store`` - the database
* ``settings`` - the environment; ``start`` - what must be right before a call is taken
* ``running`` - every program of the line
* ``phone`` - a telephone that rings the line; ``cli`` - the line at a terminal
"""
