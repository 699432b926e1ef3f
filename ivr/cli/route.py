"""Where does it go? One postcode, key string or spoken answer, or a file of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

import click

from ivr.call import AUDIENCES
from ivr.explain import Answer, Explainer
from ivr.hours import LONDON
from ivr.settings import read
from ivr.web.parts import explainer


@click.command()
@click.argument("postcode", required=False)
@click.option("--keys", help="Keys pressed for a postcode, one for each letter or digit.")
@click.option("--say", help="A spoken postcode or town, as the recogniser writes it.")
@click.option("--audience", type=click.Choice(AUDIENCES), help="Whom the help is for.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]),
              help="The moment, by the clock in London; now if it is not given.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--batch", type=click.File(), help="A file (or -) of inputs, one a line: JSON out.")
def route(  # noqa: PLR0913 - one parameter an option
    postcode: str | None,
    keys: str | None,
    say: str | None,
    audience: str | None,
    at: datetime | None,
    *,
    as_json: bool,
    batch: TextIO | None,
) -> None:
    """Tell where a postcode leads, and why: the service, its numbers, or what would be asked."""
    if sum(given is not None for given in (postcode, keys, say, batch)) != 1:
        raise click.UsageError("give one of: a postcode, --keys, --say or --batch")
    ask = explainer(read(os.environ), _moment(at), audience or "")
    if batch:
        _all(ask, batch)
    else:
        answer = _one(ask, postcode, keys, say)
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else told(answer, ask))


def _one(ask: Explainer, postcode: str | None, keys: str | None, say: str | None) -> Answer:
    if postcode is not None:
        return ask.postcode(postcode)
    return ask.keys(keys) if keys is not None else ask.speech(say or "")


def _all(ask: Explainer, inputs: Iterable[str]) -> None:
    """A line of JSON for each line of ``inputs``; digits are keys, and what is no postcode speech.

    Both sides are buffered, for this is also how millions of lines are checked.
    """
    for text in inputs:
        sys.stdout.write(json.dumps(ask.guess(text.strip()), ensure_ascii=False) + "\n")


def _moment(at: datetime | None) -> datetime:
    return at.replace(tzinfo=LONDON) if at else datetime.now(UTC)


def told(answer: Answer, ask: Explainer) -> str:
    """An answer in lines for a person to read."""
    lines = []
    if answer["service"]:
        service = ask.table.services[answer["service"]]
        lines = [f"service   {service.code}: {service.name}", f"numbers   {', '.join(answer['numbers'])}"]  # fmt: skip  # noqa: E501
    lines.append(f"rule      {answer['rule']}")
    lines += [f"{name:<9} {code}" for name, code in (answer["areas"] or {}).items() if code]
    lines += [
        f"asks      {offer['says']} -> {offer['service']}" for offer in answer["question"] or ()
    ]
    return "\n".join(lines)
