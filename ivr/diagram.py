"""Draws the call from its own table of steps, so that the picture cannot tell another story."""

from __future__ import annotations

from ivr.flow import STEPS, Step


def mermaid() -> str:
    """The call as a Mermaid flow chart: every step, and every way on that its table lists."""
    lines = ["flowchart TD"]
    for name, step in STEPS.items():
        lines.append(f"    {name}{_shape(name, step)}")
    for name, step in STEPS.items():
        lines += [f"    {name} --> {exit_}" for exit_ in step.exits]
        if step.if_refused:
            lines.append(f"    {name} -. could not be kept .-> {step.if_refused}")
    return "\n".join(lines) + "\n"


def _shape(name: str, step: Step) -> str:
    """A box for a step, rounded where a call begins or ends."""
    title = name.replace("_", " ")
    return f'(["{title}"])' if step.answered is None or name == "welcome" else f'["{title}"]'
