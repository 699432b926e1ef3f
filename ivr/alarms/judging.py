"""How an alarm is judged by the figures: what is the matter, in words, or "" if nothing is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.alarms.figures import Figures

FEW = 8
"""Calls that must be over before it means something that none of them was answered."""


def checked(*names: str) -> Callable[[Figures], str]:
    """Judges by what the web says of the checks called ``names``."""

    def judge(figures: Figures) -> str:
        wrong = [each for each in figures.checks or () if each.name in names and not each.ok]
        return "; ".join(f"{each.name}: {each.say}" for each in wrong)

    return judge


def some(count: Callable[[Figures], float | None], words: str) -> Callable[[Figures], str]:
    """Judges that there is any at all."""

    def judge(figures: Figures) -> str:
        found = count(figures)
        return f"{found:,.0f} {words}" if found else ""

    return judge


def over(
    figure: Callable[[Figures], float | None], most: float, words: str
) -> Callable[[Figures], str]:
    """Judges that a figure is above ``most``."""

    def judge(figures: Figures) -> str:
        found = figure(figures)
        return f"{found:,.0f} {words}" if found is not None and found > most else ""

    return judge


def under(
    figure: Callable[[Figures], float | None], least: float, words: str
) -> Callable[[Figures], str]:
    """Judges that a figure is below ``least``."""

    def judge(figures: Figures) -> str:
        found = figure(figures)
        return f"{found:,.0f} {words}" if found is not None and found < least else ""

    return judge


def state(name: str, words: str) -> Callable[[Figures], str]:
    """Judges that any callback is in the state called ``name``."""
    return some(lambda figures: (figures.callbacks or {}).get(name), words)


def web_away(figures: Figures) -> str:
    """The web was asked how it is, and did not answer."""
    return "it does not say how it is" if figures.checks == () else ""


def unanswered(figures: Figures) -> str:
    """Callers who stayed, and whom nobody took."""
    calls = figures.calls or {}
    several = {name or "no service": each.unanswered for name, each in calls.items()}
    told = [f"{count} at {name}" for name, count in sorted(several.items()) if count]
    return ", ".join(told)


def none_answered(figures: Figures) -> str:
    """Several calls are over, and not one of them was answered."""
    calls = (figures.calls or {}).values()
    over = sum(each.over - each.unknown for each in calls)
    answered = sum(each.answered for each in calls)
    return f"{over} calls are over" if over >= FEW and not answered else ""


def unreached(figures: Figures) -> str:
    """The services that nobody reaches any more."""
    return _few(figures.silent or ())


def failing(figures: Figures) -> str:
    """The rows of the table that lead elsewhere than they say."""
    return _few(figures.failing or ())


def not_taken(figures: Figures) -> str:
    """The services' own numbers at which somebody else answers, or nobody."""
    return _few(figures.not_taken or ())


def wrong_areas(figures: Figures) -> str:
    """The services that callers say are in the wrong area."""
    return ", ".join(figures.wrong_areas or ())


def answer_rates(figures: Figures) -> str:
    """The services that answer fewer of their calls."""
    return ", ".join(figures.answer_rates or ())


def _few(found: Sequence[str]) -> str:
    more = f", and {len(found) - FEW} more" if len(found) > FEW else ""
    return "; ".join(found[:FEW]) + more


def store_away(figures: Figures) -> str:
    """The store was asked, and did not answer."""
    return "it does not answer" if figures.store is False else ""


def worker_gone(figures: Figures) -> str:
    """The queues that no worker takes from, and the scheduler that fills them."""
    return ", ".join(sorted(name for name, count in figures.workers.items() if not count))


def redis_away(figures: Figures) -> str:
    """Redis was asked, and did not answer."""
    return "it does not answer" if figures.redis is False else ""
