"""How members end, and whether anybody had asked for it."""


def unasked(stop):
    """Nobody asked for the end: it excuses nothing."""
    how, asked = stop.get("how"), stop.get("asked", "")
    if how == "damaged":
        return not stop.get("fault")
    if how == "exit" and stop.get("fault"):
        return False
    if how == "exit":
        return asked == "" or asked == "leave" and stop.get("code", 0) != 0
    if how == "signal":
        return asked in ("", "leave")
    return False


def disorderly(stop):
    """It was asked to shut down, and did it in another way."""
    return stop.get("how") in ("exit", "signal") and stop.get("asked") == "shutdown"


def no_unasked_end(f):
    for _, stop in f.history.of("stop"):
        if unasked(stop) or disorderly(stop):
            yield "%s ends by %s" % (stop["member"], stop.get("how"))
