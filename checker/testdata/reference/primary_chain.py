"""The chain of primary views, as "One chain" in docs/properties.md has it."""

from itertools import combinations


def primary_agreement(f):
    for a, b in combinations(f.installs, 2):
        if a.view == b.view and a.primary != b.primary:
            yield "view %s is primary for some and not for others" % a.view


def primary_chain(f):
    first = {}  # the first primary install of each view
    for v in f.installs:
        if v.primary:
            first.setdefault(v.view, v)
    follows = set()  # (v, w): some member installs w directly after v
    for member in f.members():
        mine = f.installs_of(member)
        follows |= {(v.view, w.view) for v, w in zip(mine, mine[1:])
                    if v.primary and w.primary and v.view != w.view}
    unlinked = list(not_one_row(follows))
    yield from unlinked
    if unlinked or not first:
        return
    rows = sorted(rows_of(first, follows), key=lambda row: begin(row, first))
    for before, row in zip(rows, rows[1:]):
        last = first[before[-1]]
        if begin(row, first) < last.at:
            yield "the views from %s on come before %s" % (row[0], last.view)
        if not set(last.list) & set(first[row[0]].list):
            yield "views %s and %s share nobody" % (last.view, row[0])
    chain = [view for row in rows for view in row]
    for member in f.members():
        mine = [v.view for v in f.installs_of(member) if v.primary]
        for v, w in zip(mine, mine[1:]):
            if chain.index(w) < chain.index(v):
                yield "%s installs %s after %s" % (member, w, v)
    if f.rest() is None:
        for member in first[chain[-1]].list:
            if f.live(member) and not any(v.primary and v.view == chain[-1]
                                          for v in f.installs_of(member)):
                yield "%s lives and never comes to %s" % (member, chain[-1])


def not_one_row(follows):
    """Splits, joins and circles."""
    for (v, w), (x, y) in combinations(sorted(follows), 2):
        if v == x:
            yield "the group splits after %s" % v
        if w == y:
            yield "view %s has two predecessors" % w
    for start, _ in follows:
        view, seen = start, set()
        while view not in seen:
            seen.add(view)
            after = [w for v, w in sorted(follows) if v == view]
            if not after:
                break
            view = after[0]
            if view == start:
                yield "view %s comes before itself" % start


def rows_of(views, follows):
    after = dict(follows)
    rows = []
    for view in views:
        if view not in after.values():
            rows.append([view])
            while rows[-1][-1] in after:
                rows[-1].append(after[rows[-1][-1]])
    return rows


def begin(row, first):
    return min(first[view].at for view in row)
