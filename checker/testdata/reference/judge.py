"""A second opinion on every property of docs/properties.md but linearizability, word for
word and slow: each statement is looked up in the whole history, pair by pair.

It reads histories from standard input, each followed by an empty line, and answers each
with one line of JSON: {"verdict":…,"properties":{name:verdict}}, or {"malformed":why}.
It was written from docs/properties.md, docs/history.md and the golden histories, and
knows nothing of the checker in Go, with which it must agree.
"""

import json
import sys

import ends
import liveness
import order
import primary_chain
import recovery
import safety
from facts import Facts
from history import History, Malformed

SAFETY = {
    "no-unasked-end": ends.no_unasked_end,
    "integrity": safety.integrity,
    "sender-integrity": safety.sender_integrity,
    "no-duplication": safety.no_duplication,
    "view-installed": safety.view_installed,
    "self-inclusion": safety.self_inclusion,
    "view-agreement": safety.view_agreement,
    "view-monotonicity": safety.view_monotonicity,
    "primary-agreement": primary_chain.primary_agreement,
    "primary-chain": primary_chain.primary_chain,
    "same-view-delivery": safety.same_view_delivery,
    "sending-view-delivery": safety.sending_view_delivery,
    "virtual-synchrony": safety.virtual_synchrony,
    "total-order": order.total_order,
    "gap-freedom": order.gap_freedom,
    "fifo-order": order.fifo_order,
    "causal-order": order.causal_order,
    "agreement": safety.agreement,
    "uniform-agreement": safety.uniform_agreement,
    "no-loss": safety.no_loss,
    "state-agreement": safety.state_agreement,
    "recovery": recovery.check,
    "exclusion": safety.exclusion,
}

LIVENESS = {
    "membership-precision": liveness.membership_precision,
    "self-delivery": liveness.self_delivery,
    "join": liveness.join,
    "probe-delivery": liveness.probe_delivery,
}

NOT_PROMISED = ("sending-view-delivery", "causal-order")


def judge(lines):
    f = Facts(History(lines))
    promised = f.history.header.get("promises")
    if promised is None:
        promised = [n for n in [*SAFETY, *LIVENESS] if n not in NOT_PROMISED]
    verdicts = {}
    for name, check in {**SAFETY, **LIVENESS}.items():
        verdict = judge_one(f, name, check)
        if verdict != "left out" or name in promised:
            verdicts[name] = "unknown" if verdict == "left out" else verdict
    return {"verdict": whole(f, promised, verdicts), "properties": verdicts}


def judge_one(f, name, check):
    if name == "sending-view-delivery" and not f.history.of("send"):
        return "left out"
    if f.history.of("lost"):
        return "unknown"
    if name in LIVENESS and f.rest() is not None:
        return "unknown"
    if name == "no-loss" and f.rest() is not None:
        return "unknown" if owes_anything(f) else "valid"
    if name == "probe-delivery" and not liveness.probes(f):
        return "unknown"
    return "invalid" if next(check(f), None) else "valid"


def owes_anything(f):
    """Whether there is an acknowledged multicast that a member had to deliver."""
    return bool(safety.loss_pairs(f))


def whole(f, promised, verdicts):
    """Of the promised ones: invalid before unknown before valid."""
    said = {verdicts[name] for name in promised if name in verdicts}
    if "invalid" in said:
        return "invalid"
    shared = any(a.msg == b.msg and a.member != b.member
                 for a in f.deliveries for b in f.deliveries)
    return "unknown" if "unknown" in said or not shared else "valid"


def main():
    lines = []
    for line in sys.stdin:
        if line.strip():
            lines.append(line)
            continue
        try:
            answer = judge(lines)
        except Malformed as why:
            answer = {"malformed": str(why)}
        print(json.dumps(answer), flush=True)
        lines = []


if __name__ == "__main__":
    main()
