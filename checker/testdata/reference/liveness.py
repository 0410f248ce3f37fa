"""The liveness properties of docs/properties.md. They are asked only of a run that
came to rest."""

from facts import unique


def membership_precision(f):
    live = f.live_members()
    last = {}
    for member in live:
        held = [v for v in f.installs_of(member) if v.at < f.end]
        if not held:
            yield "%s lives and has no view" % member
            continue
        last[member] = held[-1]
        if {m for m in held[-1].list if not f.only_listed(m)} != set(live):
            yield "%s ends in %s, but %s live" % (member, held[-1].list, live)
    if len(unique(v.view for v in last.values())) > 1:
        yield "live members end in different views"


def self_delivery(f):
    for ask in f.first_asks():
        if ask.member not in f.live_members():
            continue
        if ask.call.outcome == "fail":
            continue
        restarted = f.started(ask.member)
        learned = ask.call.ended if ask.call.outcome == "ok" else None
        if ask.at < restarted and (learned is None or learned > restarted):
            continue
        if ask.msg not in [d.msg for d in f.deliveries_of(ask.member)]:
            yield "%s was asked for %s and never delivers it" % (ask.member, ask.msg)


def join(f):
    for call in f.history.calls:
        if call.event["f"] != "join" or f.asked(call) not in f.live_members():
            continue
        if not f.installs_of(f.asked(call)):
            yield "%s lives and never installs a view" % f.asked(call)


def probe_delivery(f):
    for ask in probes(f):
        for member in f.live_members():
            if ask.msg not in [d.msg for d in f.deliveries_of(member)]:
                yield "%s lives and never delivers the probe %s" % (member, ask.msg)


def probes(f):
    """What was multicast in the final phase, unless it was asked of one that died."""
    return [a for a in f.first_asks() if f.phases["final"] < a.at < f.end
            and (a.member is None or a.member in f.live_members())]
