"""The safety properties of docs/properties.md, but for those about order. Each is a
function from the facts to the list of its violations, as text."""

from itertools import combinations, permutations

from facts import unique


def integrity(f):
    for d in f.deliveries:
        asks = f.asks_of(d.msg)
        if not any(a.at < d.at for a in asks):
            yield "%s delivers %s, which nobody multicast" % (d.member, d.msg)
        elif all(a.failed_before(d.at) and not a.operation for a in asks):
            yield "%s delivers %s, which had failed" % (d.member, d.msg)


def no_duplication(f):
    for a, b in combinations(f.deliveries, 2):
        if a.member == b.member and a.msg == b.msg:
            yield "%s delivers %s twice" % (a.member, a.msg)


def view_installed(f):
    if not f.installs:
        return
    for d in f.deliveries:
        if d.current is None or d.view != d.current:
            yield "%s delivers %s in %s, its view is %s" % (d.member, d.msg, d.view, d.current)


def self_inclusion(f):
    for v in f.installs:
        if v.member not in v.list:
            yield "%s installs %s without it" % (v.member, v.view)


def view_agreement(f):
    for a, b in combinations(f.installs, 2):
        if a.view == b.view and a.list != b.list:
            yield "view %s is %s and %s" % (a.view, a.list, b.list)


def view_monotonicity(f):
    for a, b in combinations(f.installs, 2):
        if a.member == b.member and a.view == b.view:
            yield "%s installs %s twice" % (a.member, a.view)
    rows = [unique(v.view for v in f.installs_of(m)) for m in f.members()]
    for p, q in combinations(rows, 2):
        for v, w in combinations([x for x in p if x in q], 2):
            if q.index(v) > q.index(w):
                yield "views %s and %s are installed in two orders" % (v, w)


def same_view_delivery(f):
    for a, b in combinations(f.deliveries, 2):
        if a.msg == b.msg and a.view and b.view and a.view != b.view:
            yield "%s is delivered in %s and in %s" % (a.msg, a.view, b.view)


def sending_view_delivery(f):
    for d in f.deliveries:
        sent = [e["view"] for _, e in f.history.of("send") if e["msg"] == d.msg]
        if sent and d.view and d.view not in sent:
            yield "%s is sent in %s and delivered in %s" % (d.msg, sent, d.view)


def virtual_synchrony(f):
    for p, q in permutations(f.members(), 2):
        for v, w in steps(f, p):
            for x, y in steps(f, q):
                if (v.view, w.view) == (x.view, y.view):
                    for msg in delivered_in(f, p, v.view, w.at):
                        if msg not in delivered_in(f, q, v.view, y.at):
                            yield "%s goes from %s to %s without %s" % (q, v.view, w.view, msg)


def steps(f, member):
    """A member's changes from one view to the next, another one."""
    mine = f.installs_of(member)
    return [(v, w) for v, w in zip(mine, mine[1:]) if v.view != w.view]


def delivered_in(f, member, view, before):
    return [d.msg for d in f.deliveries_of(member) if d.view == view and d.at < before]


def agreement(f):
    for d in f.deliveries:
        if f.survives(d.member, d.view):
            yield from owed_by_survivors(f, d)


def uniform_agreement(f):
    for d in f.deliveries:
        yield from owed_by_survivors(f, d)


def owed_by_survivors(f, d):
    for q in f.members():
        if f.survives(q, d.view) and d.msg not in [x.msg for x in f.deliveries_of(q)]:
            yield "%s survives %s and never delivers %s" % (q, d.view, d.msg)


def no_loss(f):
    for ask, member in loss_pairs(f):
        if ask.msg not in [d.msg for d in f.deliveries_of(member)]:
            yield "%s was acknowledged and %s never delivers it" % (ask.msg, member)


def loss_pairs(f):
    """Acknowledged multicasts, and live members that had a view when they were asked
    for."""
    return [(ask, m) for ask in f.first_asks() if f.acknowledged(ask.msg)
            for m in f.live_members() if any(v.at < ask.at for v in f.installs_of(m))]


def state_agreement(f):
    for a, b in combinations(firsts(f), 2):
        if a.msg == b.msg and a.state and b.state and a.state != b.state:
            yield "after %s %s is in %s and %s in %s" % (a.msg, a.member, a.state, b.member, b.state)


def exclusion(f):
    for out, e in f.history.of("evict"):
        member = e["member"]
        starts = [at for at, s in f.history.of("start") if s["member"] == member and at > out]
        back = starts[0] if starts else len(f.events)
        for x in f.deliveries + f.installs:
            if x.member == member and out < x.at < back:
                yield "%s goes on after it was evicted" % member
        for v in f.installs:
            if out < v.at < back and member in v.list and f.rank(v.view) > out:
                yield "%s was evicted and is in the later view %s" % (member, v.view)


def firsts(f):
    return [d for m in f.members() for d in f.first_deliveries_of(m)]


def sender_integrity(f):
    for d in f.deliveries:
        if not d.sender:
            continue
        first = [x for x in f.deliveries if x.msg == d.msg and x.sender][0]
        if f.by_node(first.sender) != f.by_node(d.sender):
            yield "%s is of %s and of %s" % (d.msg, first.sender, d.sender)
        askers = [f.asked(c) for c in f.history.calls if c.at < d.at and invokes(c, d.msg)]
        if askers and all(askers) and f.by_node(d.sender) not in [f.by_node(a) for a in askers]:
            yield "%s is of %s, who was not asked for it" % (d.msg, d.sender)


def invokes(call, msg):
    e = call.event
    return e["value"] == msg if e["f"] == "multicast" else e.get("msg") == msg
