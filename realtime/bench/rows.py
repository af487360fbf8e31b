"""The rows of `manage.py bench realtime` (realtime.md section 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from django.conf import settings

from config.collector import look_less_often
from realtime.bench import faults
from realtime.bench.ground import RAISED, Ground, run_loop
from realtime.bench.load import Crowd, one_after_the_other, share, steady, windows
from realtime.bench.peers import measure_peers
from realtime.bench.rows_of import Row, below, row, spread

LATENCY_GOAL_MS = 150.0
P99_GOAL_MS = 100.0
DURABLE_GOAL = 0.3
GROUP_GOAL = 3.0
STOCK_GOAL = 10.0
# Where the goal against stock Channels is set: it loses the more the more listen.
STOCK_PAGES = 200
STORES = ("none", "group", "per_op", "stock")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    crowds: tuple[int, ...]
    seconds: float
    runs: int


QUICK = Size(crowds=(20,), seconds=2.0, runs=1)
FULL = Size(crowds=(50, 200), seconds=4.0, runs=5)


def rows(*, quick: bool, say: Callable[[str], None], peers: bool = False) -> list[Row]:
    """Measure and return the rows; `say` hears what is going on. `peers`: beside us, ungated, servers that store nothing."""
    size = QUICK if quick else FULL
    ground = Ground()
    try:
        look_less_often()
        say(f"raised for the measurement: {', '.join(f'{name}={value}' for name, value in RAISED.items())}")
        say("preparing a scratch database")
        ground.prepare()
        return [
            *two_pages(ground, say),
            *throughput(ground, size, say),
            *busy_room(ground, size, say),
            *faults.rows(ground, say, runs=size.runs, pages=size.crowds[-1]),
            kept(ground),
            *(measure_peers(ground, size.crowds, size.seconds, runs=size.runs, say=say) if peers else []),
        ]
    finally:
        ground.close()


def crowd(ground: Ground, url: str, size: int) -> Crowd:
    """Pages of the seeded reviewers."""
    cookies = list(ground.room["cookies"].values())
    name = settings.SESSION_COOKIE_NAME
    return Crowd(url=url, cookies=cookies, cookie_name=name, size=size, since=ground.head())


def two_pages(ground: Ground, say: Callable[[str], None]) -> list[Row]:
    """From op sent to `ops` frame received by the other page, 100 marks, drawing idle."""
    say("two pages, 100 marks")

    async def measure(url: str) -> list[float]:
        async with crowd(ground, url, 2) as pages:
            delays = await one_after_the_other(pages, 100)
            check(pages)
            return delays

    with ground.serving("group") as url:
        delays = run_loop(measure(url))
    made = []
    for percent in (50, 95):
        value = round(share(delays, percent) * 1000, 2)
        goal = LATENCY_GOAL_MS if percent == 95 else None
        made.append(
            row(f"op to other page, 100 marks, p{percent}", value, unit="ms", goal=goal, met=below(value, goal))
        )
    return made


def throughput(ground: Ground, size: Size, say: Callable[[str], None]) -> list[Row]:
    """Marks per second that reach everybody, durable against the bare hub and against a commit per op; interleaved."""
    made = []
    for people in size.crowds:
        figures: dict[str, list[float]] = {store: [] for store in STORES}
        for turn in range(size.runs):
            for store in STORES:
                say(f"{people} pages, store {store}, run {turn + 1} of {size.runs}")
                with ground.serving(store) as url:
                    figures[store].append(
                        run_loop(measure_windows(ground, url, people, size.seconds, keeps=store != "none"))
                    )
        none, group, per_op, stock = (figures[store] for store in STORES)
        made.append(
            against(f"durable room against its hub without database, {people} pages", group, none, DURABLE_GOAL)
        )
        made.append(against(f"group commit against a commit per op, {people} pages", group, per_op, GROUP_GOAL))
        goal = STOCK_GOAL if people >= STOCK_PAGES else None
        made.append(
            against(f"durable room against stock Channels, which checks nothing, {people} pages", group, stock, goal)
        )
    return made


async def measure_windows(ground: Ground, url: str, people: int, seconds: float, *, keeps: bool) -> float:
    """One run; `keeps`: what everybody has got must be in the table afterwards."""
    async with crowd(ground, url, people) as pages:
        await windows(pages, seconds / 4)
        found = await windows(pages, seconds)
        check(pages)
        if keeps:
            ground.promised |= pages.arrived
        return found


def busy_room(ground: Ground, size: Size, say: Callable[[str], None]) -> list[Row]:
    """100 marks a second among many pages: p99 of all deliveries."""
    people = size.crowds[0]
    figures = []
    for turn in range(size.runs):
        say(f"{people} pages at 100 marks a second, run {turn + 1} of {size.runs}")
        with ground.serving("group") as url:
            figures.append(share(run_loop(measure_steady(ground, url, people, size.seconds)), 99) * 1000)
    value = round(median(figures), 1)
    name = f"p99 of deliveries, {people} pages, 100 marks a second"
    return [row(name, value, unit="ms", goal=P99_GOAL_MS, met=below(value, P99_GOAL_MS), runs=figures)]


async def measure_steady(ground: Ground, url: str, people: int, seconds: float) -> list[float]:
    """One run."""
    async with crowd(ground, url, people) as pages:
        found = await steady(pages, seconds, 100)
        check(pages)
        ground.promised |= pages.arrived
        return found


def kept(ground: Ground) -> Row:
    """Of everything that was acknowledged or has reached everybody: what the table lacks, has twice, or numbered with a gap."""
    stored = ground.ask("SELECT seq, cid FROM drawings_sheetop WHERE sheet_id = %s", ground.room["sheet"])
    cids = {cid for _seq, cid in stored}
    gaps = sum(1 for number, seq in enumerate(sorted(seq for seq, _cid in stored), start=1) if number != seq)
    wrong = len(ground.promised - cids) + len(stored) - len(cids) + gaps
    name = f"of {len(ground.promised)} promised marks: missing, doubled or out of order in the table"
    return row(name, wrong, unit="marks", goal=0.0, met=wrong == 0)


def check(pages: Crowd) -> None:
    """A figure from refused ops is none."""
    if pages.refused:
        raise RuntimeError(f"the server refused ops: {pages.refused[0]}")


def against(name: str, ours: list[float], peer: list[float], goal: float | None) -> Row:
    """A row of two medians."""
    ratio = median(ours) / median(peer)
    met = None if goal is None else ratio >= goal
    return {
        **row(name, round(median(ours), 1), unit="marks/s", goal=goal, met=met, runs=ours),
        "peer": round(median(peer), 1),
        "ratio": round(ratio, 2),
        "peer_spread": spread(peer),
    }
