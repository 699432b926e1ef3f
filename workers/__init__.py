"""What is done after a call: jobs that programs of their own take from queues in Redis.

Every job may run twice, because a queue that is told of a job and then loses its answer is told
again; so none may act twice. What must not be lost is not here but in the outbox; Redis only says
when to look. Jobs may import the line's parts (never its web pages), and nothing imports jobs.
"""
