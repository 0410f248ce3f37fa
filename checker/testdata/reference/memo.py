"""Remembers what was looked up before: the history does not change."""

import functools


def once(method):
    """A method that is evaluated once for each of its arguments."""

    @functools.wraps(method)
    def looked_up(self, *args):
        memo = self.__dict__.setdefault("memo", {})
        if (method.__name__, args) not in memo:
            memo[method.__name__, args] = method(self, *args)
        return memo[method.__name__, args]

    return looked_up
