"""``ivr report``: a month's figures from the call log, as NHS England publishes them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from ivr import routing
from ivr.cli.stored import opened
from ivr.report import (
    Clock,
    Contract,
    ContractsError,
    Month,
    Report,
    by_service,
    read_contracts,
    report_of,
)
from ivr.report.forms import (
    as_csv,
    as_json,
    as_table,
    explained,
    measures_csv,
    measures_json,
    measures_table,
)
from ivr.report.kpis import Kpis
from ivr.routing import FILES
from ivr.settings import Settings, read


class MonthType(click.ParamType[Month]):
    """A month on the command line."""

    name = "month"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Month:
        """The month that ``value`` is, or why it is none."""
        try:
            return Month.parse(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


@click.command()
@click.option("--month", required=True, type=MonthType(), help="Such as 2025-12.")
@click.option(
    "--contract",
    "chosen",
    multiple=True,
    metavar="CODE",
    help="Only this contract, such as MH009; may be given again. Without it, all.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="csv is to the letter the published form.",
)
@click.option(
    "--clock",
    type=click.Choice([each.value for each in Clock]),
    default="ringing",
    show_default=True,
    help="When a wait begins: see --explain.",
)
@click.option(
    "--by",
    type=click.Choice(["service", "day"]),
    help="What is measured beside the published items, by service or by day.",
)
@click.option("--explain", is_flag=True, help="Say how each figure is counted, too.")
def report(  # noqa: PLR0913 - one for each option
    month: Month, chosen: tuple[str, ...], form: str, clock: str, by: str | None, *, explain: bool
) -> None:
    """Tell a month's figures: the eleven items that NHS England publishes, from the call log.

    They are of the services that have a contract in the routing table; "-" is a figure that is
    not known. Months and days are London's.
    """
    settings = read(os.environ)
    contracts = _contracts(settings.config_dir)
    _check(chosen, contracts.values())
    told = _reported(settings, contracts, month, Clock(clock))
    told = told.only(chosen) if chosen else told
    text = _measured(told, by, form, explain=explain) if by else _items(told, form, explain=explain)
    click.echo(text, nl=False)
    if explain and form != "json":
        click.echo("\n" * (form == "table") + explained(told.clock), nl=False, err=form == "csv")


def _contracts(folder: Path) -> dict[str, Contract]:
    """The contract of each service that has one, by the configuration in ``folder``."""
    try:
        table = routing.read({each: (folder / "routing" / each).read_bytes() for each in FILES})
        listed = read_contracts((folder / "contracts.csv").read_bytes())
        return by_service(listed, table.services)
    except OSError as wrong:
        raise click.ClickException(f"{wrong.filename}: {wrong.strerror}") from None
    except ContractsError as wrong:
        raise click.ClickException(str(wrong)) from None


def _check(chosen: Iterable[str], contracts: Iterable[Contract]) -> None:
    """Refuse a contract that no service has."""
    known = sorted({each.contract_code for each in contracts})
    for code in chosen:
        if code not in known:
            allowed = ", ".join(known) or "none: services.csv names no contract"
            raise click.UsageError(f"{code} is the contract of no service; there are {allowed}")


def _reported(
    settings: Settings, contracts: Mapping[str, Contract], month: Month, clock: Clock
) -> Report:
    """The report from the log that ``settings`` name, which is brought up to date first."""
    with opened(settings, sealed=False) as store:
        return report_of(store, contracts, month, clock)


def _items(told: Report, form: str, *, explain: bool) -> str:
    """The published items in the ``form`` asked for."""
    if form == "csv":
        return as_csv(told)
    return as_json(told, explain=explain) if form == "json" else as_table(told)


def _measured(told: Report, by: str, form: str, *, explain: bool) -> str:
    """What is measured beside them, by service or by day, in the ``form`` asked for."""
    figures: dict[str, Kpis] = told.by_service()
    if by == "day":
        figures = {str(day): each for day, each in told.by_day().items()}
    if form == "csv":
        return measures_csv(by, figures)
    if form == "json":
        return measures_json(told, by, figures, explain=explain)
    return measures_table(told, by, figures)
