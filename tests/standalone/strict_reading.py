"""Read numbers, texts, JSON and tables in their one spelling: whatever could be read in two ways is refused.

`published_files.py`, which stands beside this file, uses it. Needs Python 3.11 and nothing else. Whatever is read is
refused at its first fault, so that no file, however long or well packed, takes more memory than what is right in it.
"""

import json
import re
import zlib
from datetime import datetime

LARGEST_INFLATED, LONGEST_LINE, PIECE, DEEPEST = 2**30, 2**16, 2**20, 100
COUNT = range(2**63)
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
NUMBERS = re.compile(r"(0|[1-9][0-9]{0,18})( (0|[1-9][0-9]{0,18}))*")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
DAY = re.compile(r"[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?\+00:00")
# A shape says what a value may be. A dict is an object with these keys (those with a question mark may be missing), a
# list is a list of such, a range is an integer, a pattern a text, and a tuple one of several. COMPENSATION and WINDOWS
# are objects with other keys.
COMPENSATION, WINDOWS, ANYTHING = "compensation", "windows", "anything"


class WrongError(Exception):
    """Something in the files is wrong."""


def need(right, otherwise):
    if not right:
        raise WrongError(otherwise)


def exact_json(value, **layout):
    """Write JSON in the one way that hashes are taken of; files are indented, receipts and leaves have no spaces."""
    layout = layout or {"separators": (",", ":")}
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, **layout).encode()


def numbers(text):
    return [int(number) for number in text.split()]


def shaped(value, shape, where):
    """Refuse a value that does not have the shape; see above what shapes are."""
    if shape is COMPENSATION:
        need(isinstance(value, dict), f"{where} is not an object")
        for units in value:
            need(NUMBER.fullmatch(units) and 1 <= int(units) < 2**15, f"{where} is for {units[:9]!a} units")
        shape = dict.fromkeys(value, range(1000, 2**15))
    elif shape is WINDOWS:
        need(isinstance(value, dict) and value, f"{where} is not an object, or empty")
        need(all(map(CODE.fullmatch, value)), f"{where} is for an office without a code")
        shape = {office: [DAY] for office in value}
    elif isinstance(shape, tuple) and isinstance(shape[-1], dict):  # null or an object
        shape = shape[0] if value is None else shape[-1]
    if isinstance(shape, dict):
        need(isinstance(value, dict), f"{where} is not an object")
        parts = {key.removesuffix("?"): part for key, part in shape.items()}
        missing = [key for key in shape if not key.endswith("?") and key not in value]
        need(not missing, f"{where} is without {missing[:1]}")
        need(value.keys() <= parts.keys(), f"{where} has a key too many")
        for key, each in value.items():
            shaped(each, parts[key], f"{where}, {key}")
    elif isinstance(shape, list):
        need(isinstance(value, list), f"{where} is not a list")
        for each in value:
            shaped(each, shape[0], where)
    else:
        need(fits(value, shape), f"{where} is {ascii(value)[:60]}, which cannot be")


def fits(value, shape):
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, range):
        return type(value) is int and value in shape
    if isinstance(shape, re.Pattern):
        return (
            isinstance(value, str)
            and shape.fullmatch(value) is not None
            and (shape not in (DAY, INSTANT) or real(value))
        )
    return (shape is ANYTHING and counted(value)) or (type(value) is type(shape) and value == shape)


def counted(value, depth=0):
    """Whether a value is not too deep, and no number in it is what nothing could have: below 0, or above 2**63 - 1."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return depth < DEEPEST and all(counted(part, depth + 1) for part in parts)
    if isinstance(value, float):
        return str(value)[0] != "-"
    return type(value) is not int or value in COUNT


def real(text):
    """Whether a day or an instant of the right form is one, and is written without needless digits."""
    try:
        return datetime.fromisoformat(text).isoformat() in (text, text + "T00:00:00")
    except ValueError:
        return False


def decoded(content, where):
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise WrongError(f"{where} is not UTF-8: {error}") from None


def read_json(content, where):
    text = decoded(content, where)
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=once)
    except WrongError as error:
        raise WrongError(f"{where}: {error}") from None
    except (ValueError, RecursionError):  # each Python says why in words of its own
        raise WrongError(f"{where} is not JSON that can be read in one way only") from None


def once(pairs):
    need(not isinstance(pairs, str), "NaN or Infinity is not a number")
    need(len(dict(pairs)) == len(pairs), "an object has a key twice")
    return dict(pairs)


def read_object(content, name, shape):
    value = read_json(content, name)
    shaped(value, shape, name)
    try:
        same = exact_json(value, indent=1) + b"\n" == content
    except (ValueError, RecursionError):  # half of a character, or a number too large to be one
        same = False
    need(same, f"{name} is spelled in another way")
    return value


def read_line_object(content, name, shape):
    """Read a file that is one line: an object without a blank, and a line feed."""
    need(content.endswith(b"\n"), f"{name} does not end in a line feed")
    value = read_json(content[:-1], name)
    shaped(value, shape, name)
    try:
        same = exact_json(value) + b"\n" == content
    except ValueError:  # half of a character
        same = False
    need(same, f"{name} is spelled in another way")
    return value


def read_table(content, name, *shapes, most=2**31):
    """Read rows that are never quoted; each has one of the ``shapes``: the last where fields 3 to 5 are empty."""
    columns, rows, lines = [*shapes[0]], [], lines_in([content], name)
    need(next(lines, b"") == ",".join(columns).encode(), f"{name} has other columns")
    for number, line in enumerate(lines):
        where = f"{name}, row {number}"
        need(number < most, f"{name} has more rows than it can have")
        values = decoded(line, where).split(",", len(columns))
        need(len(values) == len(columns), f"{where} has a column too many or too few")
        row = dict(zip(columns, values, strict=True))
        shape = shapes[0] if any(values[2:5]) else shapes[-1]
        shaped(row, shape, where)
        counted = [value for key, value in row.items() if shape[key] in (NUMBER, NUMBERS)]
        need(all(max(numbers(value)) in COUNT for value in counted), f"{where} holds a number above 2**63 - 1")
        need(values[0] == str(number), f"{where} is not in order")
        rows.append(row)
    return rows


def lines_in(pieces, name):
    """Return one line after another of a file that comes in pieces; each has to end in a line feed."""
    rest = b""
    for piece in pieces:
        rest, begin = rest + piece, 0
        while (end := rest.find(b"\n", begin)) >= 0:
            yield rest[begin:end]
            begin = end + 1
        rest = rest[begin:]
        need(len(rest) <= max(LONGEST_LINE, len(piece)), f"{name} has a line that is too long")
    need(rest == b"", f"{name} does not end in a line feed")


def inflated(content, wbits, most, where):
    """Inflate piece by piece and with a bound, since a few bytes may hide gigabytes."""
    inflater = zlib.decompressobj(wbits)
    try:
        for begin in range(0, len(content), LONGEST_LINE):
            need(not inflater.eof, f"{where}: something follows its end")
            rest, piece = content[begin : begin + LONGEST_LINE], None
            while piece is None or rest or len(piece) == PIECE:
                piece = inflater.decompress(rest, PIECE)
                rest, most = inflater.unconsumed_tail, most - len(piece)
                need(most >= 0, f"{where}: it holds more than it can")
                yield piece
    except zlib.error as error:
        raise WrongError(f"{where} cannot be inflated: {error}") from None
    need(inflater.eof and not inflater.unused_data, f"{where} is cut off, or something follows its end")
