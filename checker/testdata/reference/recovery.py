"""What a member does that was started again, as "Started again" in docs/properties.md
has it. It says which lines stand in the history a second time; the other properties see
what is left, one life."""


class Thing:
    """What a member installed or delivered."""

    def __init__(self, event, current):
        self.install = event["type"] == "view"
        self.view = event.get("view") or current
        self.list = event.get("members")
        self.primary = event.get("primary", True)
        self.msg = event.get("msg")
        self.sender = event.get("sender")
        self.state = event.get("state")

    def same(self, other):
        if self.install != other.install:
            return False
        if self.install:
            return (self.view, self.list, self.primary) == (other.view, other.list, other.primary)
        return (self.msg, self.view) == (other.msg, other.view)


class Life:
    """The places of lines that stand in the history again, and what is wrong."""

    def __init__(self, f):
        self.f = f
        self.again = set()
        self.violations = []
        self.unfinished = {}  # member: it has not done all again, in its last session
        for member in {e["member"] for _, e in f.history.of("start", "view", "deliver")}:
            self.follow(member)

    def follow(self, member):
        record = []
        fresh = False  # a session began, and has done nothing yet
        owed = []  # what comes next
        current = None
        for at, e in enumerate(self.f.events):
            if self.out(at, e, member):
                record, owed = [], []
            if e.get("member") != member:
                continue
            if e["type"] == "start":
                fresh, owed = True, []
                if at < self.f.end:
                    self.unfinished[member] = bool(record)
                else:
                    self.unfinished[member] = False
            elif e["type"] in ("view", "deliver"):
                thing = Thing(e, current)
                if thing.install:
                    current = thing.view
                due, owed = self.due(member, e, thing, record, fresh, owed)
                fresh = False
                if due:
                    self.again.add(at)
                else:
                    record.append(thing)
                if not owed:
                    self.unfinished[member] = False

    def out(self, at, e, member):
        """An evict, or a leave that succeeded, before the end."""
        if at >= self.f.end:
            return False
        if e["type"] == "evict":
            return e["member"] == member
        return e["type"] == "ok" and e["f"] == "leave" and any(
            call.ended == at and self.f.asked(call) == member for call in self.f.history.calls)

    def due(self, member, e, thing, record, fresh, owed):
        """Whether this is done again, and what then comes next."""
        says = thing.install and "after" in e
        if fresh and record:
            if not says:
                self.violations.append("%s does not say where it takes up" % member)
                return False, []
            places = [i for i in range(len(record) + 1) if is_place(record[:i], thing, e["after"])]
            if not places:
                self.violations.append("%s takes up where it never was" % member)
                return False, []
            return True, record[places[-1]:]
        if says and (record or e["after"]):
            self.violations.append("%s takes up without a start" % member)
            return False, []
        if not owed:
            return False, []
        if not thing.same(owed[0]):
            self.violations.append("%s does something else instead" % member)
            return False, []
        if not thing.install:
            for kind, a, b in (("sender", self.f.by_node(thing.sender), self.f.by_node(owed[0].sender)),
                               ("state", thing.state, owed[0].state)):
                if a and b and a != b:
                    self.violations.append("%s delivers with another %s" % (member, kind))
        return True, owed[1:]


def is_place(before, install, after):
    """The last delivery before the place is of the message after, or none stands there;
    the last install before it is the same."""
    delivered = [x.msg for x in before if not x.install]
    installed = [x for x in before if x.install]
    return ((delivered[-1] if delivered else "") == after
            and bool(installed) and installed[-1].same(install))


def check(f):
    yield from f.life.violations
    if f.rest() is None:
        for member, unfinished in f.life.unfinished.items():
            if unfinished and f.live(member):
                yield "%s never came as far as it had been" % member
