"""Random sources with random definitions, of which some do not fit; see deploy/test-sources.

Each case is a seed. It decides what the server does, what the definition says of it, what changes while it is read and
between the runs, and what goes wrong once. Several cases are the streams of one connector, so that one run of the
program serves them all. At the end, after a few quiet runs, what the files hold is compared with what the source holds.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
import apis
from connectord import Home, exact
from sources import Source, stream, stamp

STREAMS = 8
# Changes come in the first runs; the last ones find a source that rests.
RUNS, QUIET = 4, 4
# A run of a few hundred records ends within seconds, also on a busy machine.
LONGEST = 60
# A clock of the source, in its own seconds: far in the past, so that no bound of ours cuts it.
SPACING = 60

STYLES = ["page", "offset", "link", "link_header", "token", "after_last", "none"]
POSITIONAL = {"page", "offset"}
ENDS = {
    "an empty list": None,
    "404": lambda page: (404, {"error": "no such page"}),
    "416": lambda page: (416, {"error": "range"}),
    "last again": lambda page: (200, {"rows": page.found[-(len(page.found) % page.size or page.size):]}),
    "first again": lambda page: (200, {"rows": page.found[:page.size]}),
    "null": lambda page: (200, {"rows": None}),
    "{}": lambda page: (200, {}),
    "204": lambda page: (204, b""),
    "nothing": lambda page: (200, b""),
}
MORE = {
    "boolean": lambda page: {"more": page.goes_on},
    "text": lambda page: {"more": "true" if page.goes_on else "false"},
    "number": lambda page: {"more": 1 if page.goes_on else 0},
    "url": lambda page: {"more": f"/list?page={page.number + 1}" if page.goes_on else None},
    "absent on page 2": lambda page: {} if page.number == 2 else {"more": page.goes_on},
    "misspelt": lambda page: {"has_more": page.goes_on},
    "inverted": lambda page: {"more": not page.goes_on},
    "always": lambda page: {"more": True},
    "never": lambda page: {"more": False},
}
FAULTS = ["empty", "404", "500", "repeated", "half", "cut off", "null", "204"]
# What an honest source and a definition that fits have; a loss is made small by going back to these one by one.
PLAIN = {
    "served": "as declared", "filter": "good", "upper": False, "cap": None, "short_page": "continue", "more": None,
    "end": "an empty list", "last": "absent", "anchor": None, "resync": False, "ties": 1, "unusable": 0, "twins": 0,
    "keyset": False, "format": "iso8601", "count": 100, "size": 20,
}
LIES = {
    "served": lambda value: value != "as declared", "filter": lambda value: value in ("ignored", "exclusive"),
    "cap": bool, "more": lambda value: value not in (None, "boolean"), "unusable": bool, "twins": bool,
    "end": lambda value: value not in ("an empty list",), "last": lambda value: value not in ("absent", "null", "empty"),
}


class Case:
    """One source, its definition, and its fate. `plain` names the choices that are made plain, to make a loss small."""

    def __init__(self, seed, plain=(), without=()):
        self.seed = seed
        chance = self.chance = random.Random(seed)
        honest = chance.random() < 0.5
        style = self.style = chance.choice(STYLES)
        order = self.order = chance.choice([None, "none", "ascending", "ascending", "descending"])
        choices = {
            "count": chance.choice([0, 1, 19, 20, 40, 57, 100, 130, 205]), "size": chance.choice([10, 20, 50]),
            "keyset": chance.random() < 0.5, "upper": chance.random() < 0.2,
            "short_page": chance.choice(["continue", "continue", "end"]),
            "anchor": chance.choice([None, None, "cursor", "server"]), "resync": chance.random() < 0.2,
            "ties": chance.choice([1, 1, 3, 30]), "format": chance.choice(["iso8601", "iso8601", "unix", "unix_ms"]),
            "more": chance.choice([None, None, "boolean"]), "last": chance.choice(["absent", "null", "empty"]),
            "end": "an empty list", "served": "as declared", "filter": "good", "cap": None, "unusable": 0, "twins": 0,
        }
        lies = {
            "served": chance.choice(["shuffled", "reversed", "nearly", "by id"]),
            "filter": chance.choice(["ignored", "exclusive"]), "cap": chance.choice([5, 7, 15]),
            "more": chance.choice(list(MORE)), "end": chance.choice(list(ENDS)), "unusable": chance.choice([1, 3]),
            "twins": chance.choice([1, 4]), "last": chance.choice(["false", "blank", "object", "itself"]),
        }
        told = chance.sample(sorted(lies), chance.choice([1, 1, 2, 3]))
        faults = [(chance.randrange(RUNS), chance.randrange(1, 9), chance.choice(FAULTS))
                  for _ in range(chance.choice([0, 0, 1, 2]))]
        self.moves = [(run, chance.randrange(1, 7), chance.choice(["create", "update", "delete", "late"]))
                      for run in range(RUNS) for _ in range(chance.choice([0, 0, 1, 2]))]
        self.between = {run: [chance.choice(["create", "update", "update", "delete", "late"])
                              for _ in range(chance.choice([0, 1, 5, 40]))] for run in range(1, RUNS + 1)}
        if not honest:
            choices.update({name: lies[name] for name in told})
            self.faults = faults
        else:
            self.faults = []
        for name in plain:
            choices[name] = PLAIN[name]
        for name in without:
            setattr(self, name, {} if name == "between" else [])
        self.choices = choices
        self.make()

    @property
    def lies(self):
        told = [f"{name}: {self.choices[name]}" for name, lie in LIES.items() if lie(self.choices[name])]
        return [lie for lie in told if self.matters(lie.split(":")[0])]

    def matters(self, name):
        if name == "served":
            return self.order in ("ascending", "descending")
        if name in ("filter", "unusable"):
            return self.order is not None
        if name == "end":
            return self.style in POSITIONAL and not self.choices["more"]
        if name == "last":
            return self.style in ("link", "token")
        return self.style != "none" or name == "twins"

    @property
    def is_honest(self):
        return not self.lies and not self.faults

    # MARK: The source

    def make(self):
        choices = self.choices
        self.clock = 0
        self.next_id = 0
        self.contents = collections.defaultdict(list)
        records = []
        for _ in range(choices["count"]):
            records.append(self.record(tie=choices["ties"]))
        for index in range(min(choices["unusable"], len(records))):
            records[index * 7 % len(records)]["updated"] = [None, "0000-00-00", "", False][index % 4]
        # One that goes on behind a key never shows what stands behind a page's end with the same key: nobody can read it.
        twins = 0 if choices["keyset"] else choices["twins"]
        for index in range(min(twins, len(records))):
            twin = records[index * 5 % len(records)]
            records.append({**twin, "text": "twin", "twin": True})
            twin["twin"] = True
        self.source = Random(self, records)
        for record in records:
            self.note(record)
        self.run, self.number = 0, 0

    def record(self, tie=1):
        self.next_id += 1
        if self.next_id % tie == 0:
            self.clock += SPACING
        return {"id": self.next_id, "updated": self.time(self.clock), "text": f"row {self.next_id}"}

    def time(self, clock):
        if self.choices["format"] == "iso8601":
            return stamp(clock)
        seconds = 1_772_323_200 + clock
        return seconds * 1000 if self.choices["format"] == "unix_ms" else seconds

    def note(self, record):
        self.contents[record["id"]].append({k: v for k, v in record.items()})

    def change(self, kind, meanwhile=False):
        records = self.source.records
        usable = [r for r in records if not r.get("twin") and (is_time(r["updated"]))]
        # A reading takes milliseconds, by which nobody's clock moves beyond the lookback.
        self.clock += min(self.chance.choice([0, 1, 30, 300]), 5 if meanwhile else 300)
        # A transaction that took some seconds shows when it began.
        clock = max(0, self.clock - (20 if kind == "late" else 0))
        if kind in ("create", "late") or not usable:
            self.next_id += 1
            record = {"id": self.next_id, "updated": self.time(clock), "text": "made"}
            records.append(record)
        elif kind == "update":
            record = self.chance.choice(usable)
            record.update(updated=self.time(clock), text=f"changed {self.chance.randrange(10**6)}")
        else:
            records.remove(self.chance.choice(usable))
            return
        self.note(record)

    # MARK: What the definition says

    def definition(self, path):
        choices = self.choices
        paging = {"short_page": choices["short_page"]}
        if choices["more"] and self.style != "none":
            paging["more"] = "more"
        if choices["anchor"]:
            paging["anchor"] = choices["anchor"]
        if self.style == "none":
            paging = {}
        cursor = {"format": choices["format"], "lookback": "1m"}
        if choices["upper"]:
            cursor["upper"] = {"until": "${until}"}
        result = stream(self.style, self.order, choices["size"], cursor=cursor, **paging)
        result["path"] = path
        result.update(MOST)
        if choices["resync"] and self.order:
            result["resync"] = {"every": "7d"}
        return result

    # MARK: The verdict

    def judged(self, home, name, run, row):
        """None, or what is wrong, after quiet runs the last of which was `run`."""
        lines = home.lines("odd", name)
        if run is None or run["outcome"] != "succeeded":
            if self.is_honest:
                return f"FAILS, and is honest: {run and run.get('error')}"
            return None
        folded, ever, twice = {}, collections.defaultdict(list), []
        for line in lines:
            if line["op"] == "delete":
                if folded.pop(line["id"], None) is None:
                    twice.append(line["id"])
            else:
                if line["record"] in (ever[line["id"]] if line["record"].get("twin") else [folded.get(line["id"])]):
                    twice.append(line["id"])
                folded[line["id"]] = line["record"]
                ever[line["id"]].append(line["record"])
        lost = []
        for record in self.source.records:
            wanted = exact(json.dumps(record))
            there = wanted in ever[record["id"]] if record.get("twin") else folded.get(record["id"]) == wanted
            if not there or record["id"] not in folded:
                lost.append(record["id"])
        left = []
        # An empty reading confirms nothing.
        if self.order is None and self.source.records:
            known = {record["id"] for record in self.source.records}
            left = [key for key in folded if key not in known]
        doubt = doubted(row)
        if lost and not doubt:
            return f"LOST {len(lost)} of {len(self.source.records)}, such as {lost[:3]}"
        if left and not doubt:
            return f"LEFT {len(left)} that are deleted, such as {left[:3]}"
        if twice:
            return f"TWICE {len(twice)} of {len(lines)} lines, such as {twice[:3]}"
        return f"DOUBTED, and honest: {doubt}" if doubt and self.is_honest else None


def is_time(value):
    return (isinstance(value, str) and value.startswith("2")) or (isinstance(value, int) and value > 1)


def doubted(row):
    """What `status --json` says of a stream that is read more safely than declared, or holds something back."""
    return {name: value for name, value in row.items() if name in DOUBTS and value}


DOUBTS = ["doubts"]
# Deletions are delivered by the next run, however many they are.
MOST = {"deletes": {"after": "0s", "most": 100_000}}


class Random(Source):
    """The server of one case."""

    def __init__(self, case, records):
        self.case = case
        choices = case.choices
        places = random.Random(case.seed).sample(range(100_000), 100_000) if choices["served"] == "shuffled" else None
        served, order = choices["served"], case.order

        def by_time(record):
            value = record["updated"]
            return (value if is_time(value) else type(case.time(0))(), record["id"])

        # Where its list is in that order, that is: what seeks by id in another one shows the rest to nobody.
        is_by_id = served == "by id" or (served == "as declared" and order in (None, "none"))
        self.goes_by_id = case.style == "after_last" and is_by_id
        rank = {
            "as declared": by_time if order in ("ascending", "descending") else lambda r: (r["id"],),
            "reversed": by_time, "by id": lambda r: (r["id"],),
            "shuffled": lambda r: (places[r["id"] % 100_000],),
            "nearly": lambda r: (r["id"] + (r["id"] * 7919 % 23 if r["id"] % 10 == 0 else 0), r["id"]),
        }[served]
        # `after_last` and keyset positions follow the order that the server has.
        super().__init__(
            records, case.style, size=choices["size"], rank=rank,
            reverse=(order == "descending") != (served == "reversed"), keyset=choices["keyset"] and case.style in ("link", "link_header", "token"), cap=choices["cap"],
            filters=choices["filter"] != "ignored", past=ENDS[choices["end"]], envelope=self.added, before=self.fate,
        )
        self.done = set()

    def matches(self, record, query):
        value = record["updated"]
        if not is_time(value) or not self.filters:
            return True
        since, until = query.get("since"), query.get("until")
        if isinstance(value, str):
            value = value.removesuffix("Z")
            since, until = since and since.removesuffix("Z"), until and until.removesuffix("Z")
        else:
            since, until = since and int(since), until and int(until)
        if since is not None and (value < since or (self.case.choices["filter"] == "exclusive" and value == since)):
            return False
        return until is None or value < until

    def found(self, query):
        return sorted((r for r in self.records if self.matches(r, query)), key=self.rank, reverse=self.reverse)

    def begin(self, found, query, size):
        if self.style == "after_last" and "after" in query:
            after = int(query["after"])
            if self.goes_by_id and not self.reverse:
                return sum(record["id"] <= after for record in found)
            if all(record["id"] != after for record in found):
                raise ValueError
        return super().begin(found, query, size)

    def added(self, page):
        choices, extra = self.case.choices, {}
        if choices["more"]:
            extra.update(MORE[choices["more"]](page))
        if self.style in ("link", "token") and not page.goes_on:
            last = {"null": None, "empty": "", "false": False, "blank": " ", "object": {},
                    "itself": page.query.get("skip") if self.style == "token" else f"{page.path}"}
            if choices["last"] in last:
                extra["next"] = last[choices["last"]]
        return extra

    def fate(self, number, query):
        """Changes between two pages, and answers that go wrong once."""
        case = self.case
        case.number += 1
        for index, (run, at, kind) in enumerate(case.moves):
            if (run, at) == (case.run, case.number - 1) and ("move", index) not in self.done:
                self.done.add(("move", index))
                case.change(kind, meanwhile=True)
        for index, (run, at, kind) in enumerate(case.faults):
            if (run, at) == (case.run, case.number) and index not in self.done:
                self.done.add(index)
                return self.faulty(kind, query)
        return None

    def faulty(self, kind, query):
        if kind == "empty":
            return 200, {"rows": []}
        if kind == "repeated" and self.pages:
            page = self.pages[-1]
            body = {"rows": page.rows}
            if page.goes_on and self.style in ("link", "token"):
                body["next"] = page.link if self.style == "link" else page.position
            return 200, body
        if kind == "half":
            before, self.before = self.before, None
            number = len(self.asked)
            status, body, *rest = self.answer(f"/s{self.case.seed}", query, {})
            del self.asked[number:]
            self.before = before
            if isinstance(body, dict) and body.get("rows"):
                body = {**body, "rows": body["rows"][:len(body["rows"]) // 2]}
            return status, body, *rest
        return {"404": (404, {}), "500": (500, {}), "cut off": (200, b'{"rows":[{"id":1,"upd'),
                "null": (200, {"rows": None}), "204": (204, b"")}.get(kind, (500, {}))


class Group:
    """Cases that are streams of one connector."""

    def __init__(self, cases):
        self.cases = {f"s{case.seed}": case for case in cases}

    def wrong(self):
        """What is wrong, by case; and what went wrong for a while."""
        def answer(path, query, headers):
            return self.cases[path.strip("/").split("/")[0]].source.answer(path, query, headers)

        with apis.Server(answer) as server, Home() as home:
            streams = {name: case.definition(f"/{name}") for name, case in self.cases.items()}
            home.connector("odd", apis.plain(server.url, streams, max_concurrent_streams=STREAMS))
            results = {}
            for run in range(RUNS + QUIET):
                for case in self.cases.values():
                    case.run, case.number = run, 0
                    for kind in case.between.get(run, []):
                        case.change(kind)
                done = home.run("sync", "odd", "--json", expect=None, seconds=LONGEST)
                lines = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
                results = {line["stream"]: line for line in lines}
                assert done.returncode in (0, 1), (done.returncode, done.stderr[-2000:])
            rows = apis.status(home)
            return {name: case.judged(home, name, results.get(name), rows.get(f"odd/{name}", {}))
                    for name, case in self.cases.items()}


def alone(seed, plain=(), without=()):
    case = Case(seed, plain, without)
    try:
        return next(iter(Group([case]).wrong().values()))
    except subprocess.TimeoutExpired:
        return f"ENDLESS: {len(case.source.asked)} requests within {LONGEST} s, the last ones {case.source.asked[-3:]}"


def one_by_one(seeds):
    """Whose run has no end, where one of several has none."""
    return {f"s{seed}": alone(seed) for seed in seeds}


def smallest(seed):
    """The choices and events of a case that can be made plain without making it right."""
    kind = (alone(seed) or "").split(" ")[0]
    if not kind:
        return None, None
    plain, without = [], []
    for name in ["faults", "moves", "between"]:
        if (alone(seed, plain, [*without, name]) or "").startswith(kind):
            without.append(name)
    for name in PLAIN:
        if Case(seed).choices[name] != PLAIN[name] and (alone(seed, [*plain, name], without) or "").startswith(kind):
            plain.append(name)
    return Case(seed, plain, without), alone(seed, plain, without)


def described(case):
    choices = {name: value for name, value in case.choices.items() if value != PLAIN[name]}
    events = {name: value for name in ("faults", "moves", "between") if (value := getattr(case, name))}
    return f"    {case.style}, declared {case.order}, {choices}, {events}\n    {json.dumps(case.definition('/list'))}"


def main():
    parser = argparse.ArgumentParser(prog="deploy/test-sources", add_help=False)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shrink", type=int, default=5)
    words = parser.parse_args()
    if words.only is not None:
        print(described(Case(words.only)), "\n ", alone(words.only) or "nothing is wrong")
        case, wrong = smallest(words.only)
        if case:
            print(f"  smallest: {wrong}\n{described(case)}")
        return
    seeds = list(range(words.seed, words.seed + words.count))
    groups = [seeds[at:at + STREAMS] for at in range(0, len(seeds), STREAMS)]
    wrong, honest, shown = {}, 0, 0

    def tried(group):
        try:
            return Group([Case(seed) for seed in group]).wrong()
        except subprocess.TimeoutExpired:
            return one_by_one(group)
    with concurrent.futures.ThreadPoolExecutor(words.jobs) as pool:
        for group, found in zip(groups, pool.map(tried, groups)):
            for name, problem in found.items():
                if problem:
                    seed = int(name[1:])
                    wrong[seed] = problem
                    case = Case(seed)
                    print(f"seed {seed} ({'honest' if case.is_honest else ', '.join(case.lies + [str(f) for f in case.faults])}"
                          f"; {case.style}, {case.order}): {problem}", flush=True)
    honest = sum(Case(seed).is_honest for seed in seeds)
    for seed in list(wrong)[:words.shrink]:
        case, problem = smallest(seed)
        print(f"seed {seed}, made small: {problem}" + (f"\n{described(case)}" if case else " (not alone)"), flush=True)
    fooled = sum(Case(seed).is_honest for seed in wrong)
    print(f"{honest} honest sources, {len(seeds) - honest} that are not; wrong: {fooled} and {len(wrong) - fooled}")
    print(f"{len(seeds) - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
