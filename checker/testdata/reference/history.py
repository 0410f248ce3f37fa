"""Reads a history as docs/history.md has it, and pairs calls with their ends."""

import json

from memo import once


class Malformed(Exception):
    """A history that docs/history.md calls an error; the text names the line."""


class Call:
    """An invocation: its event's place, the place of its end, and how it ended."""

    def __init__(self, at, event):
        self.at = at
        self.event = event
        self.ended = None  # the place of ok, fail or info
        self.outcome = "open"


class History:
    """The header, the events in line order, and the calls. An event's place is its
    position in the list, which is all the time that there is."""

    def __init__(self, lines):
        self.header, self.events = parse(lines)
        self.calls = pair(self.events)
        started_first(self.events)

    @once
    def of(self, *types):
        """The events of these types, each with its place."""
        return [(at, e) for at, e in enumerate(self.events) if e["type"] in types]


def parse(lines):
    header, events = {}, []
    for number, line in enumerate(lines):
        try:
            event = json.loads(line)
        except ValueError:
            if number == len(lines) - 1:
                break  # a last line cut short is tolerated
            raise Malformed("line %d is no JSON" % (number + 1))
        if event["type"] == "header":
            header = event
        elif event["type"] != "hash":
            events.append(event)
    return header, events


def pair(events):
    """A process has one open call at most, and is never used again after an info."""
    calls, open_calls, retired = [], {}, set()
    for at, event in enumerate(events):
        if event["type"] == "invoke":
            process = event["process"]
            if process in open_calls or process in retired:
                raise Malformed("event %d: process %s is busy or retired" % (at, process))
            open_calls[process] = Call(at, event)
            calls.append(open_calls[process])
        elif event["type"] in ("ok", "fail", "info"):
            process = event["process"]
            if process not in open_calls:
                raise Malformed("event %d: an end without a call" % at)
            call = open_calls.pop(process)
            if event["f"] != call.event["f"]:
                raise Malformed("event %d: the end of another call" % at)
            call.ended, call.outcome = at, event["type"]
            if event["type"] == "info":
                retired.add(process)
    return calls


def started_first(events):
    """In a history with start events whoever is observed has started before."""
    starts = [(at, e["member"]) for at, e in enumerate(events) if e["type"] == "start"]
    for at, event in enumerate(events):
        if starts and event["type"] in ("view", "deliver", "send", "block", "unblock", "evict"):
            if not any(member == event["member"] and before < at for before, member in starts):
                raise Malformed("event %d: %s has not started" % (at, event["member"]))
