"""What the properties speak of: members, who was asked, views, deliveries, and who
lives. Everything is found by looking through the whole list each time it is needed."""

import re

import ends
import recovery
from memo import once


def node_by_name(member):
    """n1.2 is on node n1; a name without an incarnation from 1 is its node's name."""
    match = re.fullmatch(r"(.+)\.([1-9][0-9]*)", member)
    return match.group(1) if match else member


class Install:
    def __init__(self, at, event):
        self.at = at
        self.member = event["member"]
        self.view = event["view"]
        self.list = event["members"]
        self.primary = event.get("primary", True)


class Delivery:
    """One delivery, in the view that it names or else in the one installed last."""

    def __init__(self, at, event, current):
        self.at = at
        self.member = event["member"]
        self.msg = event["msg"]
        self.sender = event.get("sender")
        self.state = event.get("state")
        self.named = event.get("view") or None
        self.current = current
        self.view = self.named or current


class Ask:
    """One multicast of a message: the call, and the member that was asked."""

    def __init__(self, call, msg, member, operation):
        self.call, self.msg, self.member, self.operation = call, msg, member, operation
        self.at = call.at

    def acknowledged(self):
        return self.call.outcome == "ok"

    def failed_before(self, at):
        return self.call.outcome == "fail" and self.call.ended < at


class Facts:
    def __init__(self, history):
        self.history = history
        self.events = history.events
        self.phases = {}
        for at, e in history.of("phase"):
            self.phases.setdefault(e["phase"], at)  # the first of each counts
        self.end = self.phases.get("end", len(self.events))
        self.life = recovery.Life(self)
        self.installs, self.deliveries, current = [], [], {}
        for at, e in enumerate(self.events):
            if at in self.life.again:
                continue  # a member's sessions are one life, each thing done once
            if e["type"] == "view":
                self.installs.append(Install(at, e))
                current[e["member"]] = e["view"]
            elif e["type"] == "deliver":
                self.deliveries.append(Delivery(at, e, current.get(e["member"])))
        self.messages = unique(d.msg for d in self.deliveries)
        self.asks = self.all_asks()

    # Members

    @once
    def installs_of(self, member):
        return [v for v in self.installs if v.member == member]

    @once
    def deliveries_of(self, member):
        return [d for d in self.deliveries if d.member == member]

    @once
    def members(self):
        """Who installs or delivers anything."""
        return unique(x.member for x in self.installs + self.deliveries)

    @once
    def node_of(self, member):
        for _, e in self.history.of("start"):
            if e["member"] == member and e.get("node"):
                return e["node"]
        return node_by_name(member)

    @once
    def asked(self, call):
        """The member that a call was made to. A node's name stands for the member on
        it that was started last; in a history without starts, for the one that
        installed or delivered last."""
        if call.event.get("member"):
            return call.event["member"]
        node = call.event.get("node")
        types = ("start",) if self.history.of("start") else ("view", "deliver")
        seen = [e["member"] for at, e in self.history.of(*types)
                if at < call.at and self.node_of(e["member"]) == node]
        return seen[-1] if seen else None

    def by_node(self, name):
        """Who a sender is: where the harness wrote the incarnations, its node."""
        if name and self.history.header.get("bare_members"):
            return re.sub(r"\.[0-9]+$", "", name)
        return name

    # Messages

    def all_asks(self):
        """Every multicast; an operation is one once the message that carries it is
        delivered."""
        asks = []
        for call in self.history.calls:
            e = call.event
            if e["f"] == "multicast":
                asks.append(Ask(call, e["value"], self.asked(call), False))
            elif e.get("msg") in self.messages:
                asks.append(Ask(call, e["msg"], self.asked(call), True))
        return asks

    @once
    def asks_of(self, msg):
        return [a for a in self.asks if a.msg == msg]

    @once
    def first_asks(self):
        """The first ask of each message: it says who the sender is, and when."""
        return [self.asks_of(msg)[0] for msg in unique(a.msg for a in self.asks)]

    @once
    def acknowledged(self, msg):
        return any(a.acknowledged() for a in self.asks_of(msg))

    @once
    def first_deliveries_of(self, member):
        """The member's log: each message at its first delivery."""
        log = []
        for d in self.deliveries_of(member):
            if d.msg not in [x.msg for x in log]:
                log.append(d)
        return log

    # Who lives

    @once
    def started(self, member):
        """The place of the member's last start before the run's end; the beginning,
        where the history has no starts."""
        if not self.history.of("start"):
            return -1
        starts = [at for at, e in self.history.of("start")
                  if e["member"] == member and at < self.end]
        return starts[-1] if starts else None

    @once
    def live(self, member):
        """It runs, and was not evicted and did not leave after its last start, before
        the run's end."""
        if not self.runs(member):
            return False
        since = self.started(member)
        gone = [at for at, e in self.history.of("evict") if e["member"] == member]
        gone += [call.ended for call in self.history.calls if call.event["f"] == "leave"
                 and call.outcome == "ok" and self.asked(call) == member]
        return not any(since < at < self.end for at in gone)

    @once
    def runs(self, member):
        """It has started, and not stopped since, before the run's end. In a history
        without starts everybody has that has an event of its own."""
        if not any(e.get("member") == member for e in self.events):
            return False
        since = self.started(member)
        if since is None:
            return False
        return not any(since < at < self.end and e["member"] == member
                       for at, e in self.history.of("stop"))

    @once
    def live_members(self):
        named = unique(e["member"] for e in self.events if e.get("member"))
        return [m for m in named if self.live(m)]

    @once
    def held_by_the_plan(self, member, ends_only):
        """What the member would be if only what was asked for had happened: it runs, and
        with ends_only false was not evicted and did not leave either."""
        if not any(e.get("member") == member for e in self.events):
            return False
        since = self.started(member)
        if since is None:
            return False
        gone = [at for at, e in self.history.of("stop")
                if e["member"] == member and not ends.unasked(e)]
        if not ends_only:
            gone += [at for at, e in self.history.of("evict") if e["member"] == member]
            gone += [call.ended for call in self.history.calls if call.event["f"] == "leave"
                     and call.outcome == "ok" and self.asked(call) == member]
        return not any(since < at < self.end for at in gone)

    def only_listed(self, name):
        """In a history without starts a name that has no event says nothing."""
        return not (self.history.of("start")
                    or any(e.get("member") == name for e in self.events))

    @once
    def survives(self, member, view):
        """It installed the view, and a later one, or lives to the end of a run that
        came to rest."""
        mine = self.installs_of(member)
        first = [v.at for v in mine if v.view == view]
        if not first:
            return False
        if any(v.at > first[0] and v.view != view for v in mine):
            return True
        return self.rest() is None and self.live(member)

    # How the run ended

    @once
    def rest(self):
        """None where the run came to rest, so that what is owed can be judged; else
        the reason why not."""
        if "final" not in self.phases:
            return "not-final"
        began = [at for at, e in self.history.of("fault") if e["phase"] == "begin"]
        if began and "heal" not in self.phases:
            return "not-healed"
        if "end" not in self.phases:
            return "cut-off"
        if self.blocked():
            return "blocked-as-specified"
        return None

    def blocked(self):
        """Of the highest primary view that a live member holds no quorum still runs:
        neither more than half of its members, nor half with the first among them. The
        same where no live member holds one. Who ended unasked counts as if it lived."""
        highest = None
        named = unique(e["member"] for e in self.events if e.get("member"))
        for member in [m for m in named if self.held_by_the_plan(m, False)]:
            held = [v for v in self.installs_of(member) if v.primary and v.at < self.end]
            if held and (highest is None
                         or self.rank(held[-1].view) > self.rank(highest.view)):
                highest = held[-1]
        if highest is None:
            return True
        running = [m for m in highest.list if self.held_by_the_plan(m, True)]
        half = len(highest.list) / 2
        return not (len(running) > half
                    or len(running) == half and highest.list[0] in running)

    @once
    def rank(self, view):
        """A view is higher than those that were first installed before it."""
        return min(v.at for v in self.installs if v.view == view)


def unique(values):
    seen = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen
