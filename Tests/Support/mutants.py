"""Files and requests that somebody, or a disk, has changed at random: what reads them lives, and answers soon."""
import copy
import json
import random

# What tends to end readers: other types, numbers at the ends of their ranges, names of secrets and files, controls.
ODD = [
    None, True, False, 0, -1, 1, 0.1, 1e308, -1e308, 2 ** 31, 2 ** 53 + 1, 2 ** 63, -2 ** 63 - 1, 10 ** 40, "", " ", "\0",
    "0", "-1s", "1e9d", "99999999999999999999h", "${", "${}", "${cursor}", "${settings.x}", "${secrets.x}", "$${x}", "*",
    "a" * 5_000, "\u202e\u2028\x1b[31m", "../../etc/passwd", "/dev/zero", "http://[::1", "https://a:b@c/", "file:///x",
    [], {}, [[]], [{}], {"": ""}, {"env": "NOBODY_SET_THIS"}, {"credential": "../x"}, {"file": "/dev/null"},
    {"file": "/nowhere"}, [1] * 2_000, {"a": {"b": {"c": {"d": {}}}}}, "60s", "1h", "iso8601", "full", "link", "none",
]
# Of texts: what opens and never closes, escapes that end early, comments, and what JSON5 alone knows.
PIECES = [
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"'", b"\\", b"\\u", b"\\ud800", b"\\x", b"/*", b"*/", b"//", b"\n", b"\r",
    b"\0", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"Infinity", b"NaN", b"0x", b"+", b"-", b".", b"1e", b"e9",
    b"null", b"[" * 3_000, b'{"a":' * 1_000, b"9" * 400, b"__proto__",
]


def places(value, path=()):
    """The ways to every node of a JSON value."""
    yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def changed_value(value, dice):
    """One to three nodes replaced, removed, doubled or moved."""
    value = copy.deepcopy(value)
    for _ in range(dice.choice([1, 1, 2, 3])):
        ways = [path for path in places(value) if path]
        if not ways:
            return dice.choice(ODD)
        path = dice.choice(ways)
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        what = dice.randrange(6)
        if what <= 2:
            holder[path[-1]] = copy.deepcopy(dice.choice(ODD))
        elif what == 3:
            del holder[path[-1]]
        elif what == 4 and isinstance(holder, dict):
            name = str(path[-1])
            at = dice.randrange(len(name) + 1)
            holder[name[:at] + dice.choice(["x", "_", "\x1b", "é", " "]) + name[at:]] = holder[path[-1]]
        else:
            other = value
            for step in dice.choice(ways):
                other = other[step] if isinstance(other, (dict, list)) and step in keys(other) else other
            holder[path[-1]] = copy.deepcopy(other)
    return value


def keys(holder):
    return holder if isinstance(holder, dict) else range(len(holder))


def changed_bytes(data, dice):
    """One to four places with a bit flipped, a piece put in, cut out, doubled or moved."""
    data = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 4])):
        at = dice.randrange(len(data) + 1)
        length = dice.choice([1, 1, 2, 8, 64, 1_000])
        what = dice.randrange(7)
        if what == 0 and at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        elif what == 1 and at < len(data):
            data[at] = dice.randrange(256)
        elif what == 2:
            data[at:at] = dice.choice(PIECES)
        elif what == 3:
            del data[at:at + length]
        elif what == 4:
            data[at:at] = data[at:at + length]
        elif what == 5:
            piece = bytes(data[at:at + length])
            del data[at:at + length]
            to = dice.randrange(len(data) + 1)
            data[to:to] = piece
        else:
            del data[at:]
    return bytes(data)


def configuration(value, dice):
    """The bytes of a file that says `value`, with something wrong."""
    what = dice.randrange(3)
    if what == 0:
        return json.dumps(changed_value(value, dice), ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
    if what == 1:
        return changed_bytes(json.dumps(value, indent=1).encode(), dice)
    return changed_bytes(json.dumps(changed_value(value, dice)).encode(), dice)


def generator(seed):
    return random.Random(seed)
