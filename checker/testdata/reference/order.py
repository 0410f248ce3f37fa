"""The properties of docs/properties.md about the order of deliveries."""

from itertools import combinations


def total_order(f):
    """One order fits all logs where no message comes, over any chain of members,
    before itself."""
    before = set()
    for member in f.members():
        log = [d.msg for d in f.deliveries_of(member)]
        before |= {(a, b) for a, b in zip(log, log[1:]) if a != b}
    while True:
        more = {(a, d) for a, b in before for c, d in before if b == c} - before
        if not more:
            break
        before |= more
    for a, b in before:
        if a == b:
            yield "%s comes before itself" % a


def gap_freedom(f):
    logs = [[d.msg for d in f.first_deliveries_of(m)] for m in f.members()]
    for p, q in combinations(logs, 2):
        for a, b in combinations([m for m in p if m in q], 2):
            if between(p, a, b) != between(q, a, b):
                yield "between %s and %s two members deliver different messages" % (a, b)


def between(log, a, b):
    first, last = sorted((log.index(a), log.index(b)))
    return set(log[first + 1:last])


def fifo_order(f):
    asks = [a for a in f.first_asks() if a.member is not None]
    for a, b in combinations(asks, 2):
        if a.member != b.member:
            continue
        for q in f.members():
            log = [d.msg for d in f.deliveries_of(q)]
            if b.msg not in log:
                continue
            if a.msg in log:
                if a.msg in log[log.index(b.msg):]:
                    yield "%s delivers %s after %s" % (q, a.msg, b.msg)
            elif f.acknowledged(a.msg) and was_there(f, q, a):
                yield "%s delivers %s and skips %s" % (q, b.msg, a.msg)


def was_there(f, q, ask):
    """It had installed a view before the message was asked for, or somebody delivered
    the message in a view that it installed."""
    if any(v.at < ask.at for v in f.installs_of(q)):
        return True
    return any(d.msg == ask.msg and d.view in [v.view for v in f.installs_of(q)]
               for d in f.deliveries)


def causal_order(f):
    for ask in f.first_asks():
        if ask.member is None:
            continue
        causes = [a.msg for a in f.first_asks() if a.member == ask.member and a.at < ask.at]
        causes += [d.msg for d in f.deliveries_of(ask.member) if d.at < ask.at]
        for q in f.members():
            log = [d.msg for d in f.first_deliveries_of(q)]
            for cause in causes:
                if (cause in log and ask.msg in log
                        and log.index(ask.msg) < log.index(cause)):
                    yield "%s delivers %s before its cause %s" % (q, ask.msg, cause)
