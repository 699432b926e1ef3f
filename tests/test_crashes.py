"""Somebody asks to be rung back, and a program is killed on the way: here at two of its steps.

At every place in the code from which a step is made, it is part of ``make drill``.
"""

from __future__ import annotations

from tests.drills.crashes import first_steps, line, wrong

KILLS = 2


def test_whoever_is_killed_on_the_way_the_caller_is_rung_back_once() -> None:
    with line() as whole:
        well = whole.tell()
        assert wrong(well) == []
        steps = first_steps(well)
        assert len(steps) > 100, "the steps are no longer found"
        for step in steps[len(steps) // KILLS // 2 :: len(steps) // KILLS]:
            story = whole.tell(step)
            assert story.doom.made > step, "nobody was killed"
            assert wrong(story) == [], f"killed after {step} steps"
        well.exchange.journal.joined.clear()
        assert wrong(well), "a drill that saw nothing would always be a success"
