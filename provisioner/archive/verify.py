"""Memeriksa berkas arsip ini tanpa aplikasi apa pun. / Verifies this archive with nothing but Python 3.9 or newer.

    python3 verify.py [FOLDER | ARCHIVE.zip] [--anchor 1042-3f9a2-c1188-d077a-b1234 ...]

Kode keluar / exit code: 0 utuh / intact, 1 ada temuan / something is wrong.
"""

import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

DOMAIN = b"siak-provisioner audit 1\n"
PARTS = ("seq", "at", "kind", "actor", "subjects", "fields", "commitments", "previous")
END = re.compile(rb'"previous":"([0-9a-f]{64})","seq":(\d+),"subjects":(\{[^{}]*\})\}$')
ROUND = [int(n ** (1 / 3) % 1 * 2**32) for n in range(2, 312) if all(n % each for each in range(2, n))]
MASK = 0xFFFFFFFF
CHANGED = "isinya berubah / its content was changed"
found: list = []


def wrong(place: str, what: str) -> None:
    found.append(f"{place}: {what}")


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def turn(word: int, by: int) -> int:
    return word >> by | word << 32 - by & MASK


def finish(state: tuple, before: int, rest: bytes) -> str:
    """SHA-256 of a text of which only the state after its first ``before`` bytes and the rest are known."""
    rest += b"\x80" + bytes(-(before + len(rest) + 9) % 64) + struct.pack(">Q", 8 * (before + len(rest)))
    for start in range(0, len(rest), 64):
        w = list(struct.unpack_from(">16I", rest, start))
        for i in range(16, 64):
            x, y = w[i - 15], w[i - 2]
            s0, s1 = turn(x, 7) ^ turn(x, 18) ^ x >> 3, turn(y, 17) ^ turn(y, 19) ^ y >> 10
            w.append(w[i - 16] + s0 + w[i - 7] + s1 & MASK)
        a, b, c, d, e, f, g, h = state
        for k, word in zip(ROUND, w):
            t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) + k + word
            t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b)))
            a, b, c, d, e, f, g, h = t1 + t2 & MASK, a, b, c, d + t1 & MASK, e, f, g
        state = tuple(x + y & MASK for x, y in zip(state, (a, b, c, d, e, f, g, h)))
    return struct.pack(">8I", *state).hex()


def check_files(names: list, read: Callable) -> dict:
    """Every file against the manifest. Gives path -> SHA-256."""
    listed, digests = json.loads(read("manifest.json"))["files"], {}
    for name in sorted({each for each in names if each not in {*listed, "manifest.json"} or names.count(each) > 1}):
        wrong(name, "tidak ada dalam manifest, atau dua kali / not in the manifest, or twice")
    for name, entry in sorted(listed.items()):
        try:
            content = read(name)
        except (KeyError, FileNotFoundError):
            wrong(name, "hilang / missing")
            continue
        except (zipfile.BadZipFile, zlib.error, EOFError):
            content = b""
        digests[name] = hashlib.sha256(content).hexdigest()
        if (digests[name], len(content)) != (entry["sha256"], entry["length"]):
            wrong(name, CHANGED)
    return digests


def check_row(row: dict, about: dict, place: str) -> str:
    """One row of the trail by itself. Gives the hash of the row that it was chained to."""
    if "rest" not in row:
        if hashlib.sha256(DOMAIN + canonical({part: row[part] for part in PARTS})).hexdigest() != row["hash"]:
            wrong(place, CHANGED)
        for name, kept in row["personal"].items():
            bound = hmac.new(bytes.fromhex(kept["salt"]), canonical([name, kept["value"]]), "sha256").hexdigest()
            if bound != row["commitments"].get(name):
                wrong(place, f"nilai pribadi berubah / personal value was changed: {name}")
        return str(row["previous"])
    rest, state = base64.b64decode(row["rest"]), struct.unpack(">8I", bytes.fromhex(row["state"]))
    end = END.search(rest)
    if end is None or finish(state, row["before"], rest) != row["hash"] or int(end[2]) != row["seq"]:
        wrong(place, CHANGED)
        return end[1].decode() if end else ""
    said = json.loads(end[3])
    of_letter = "request" not in said and said.get("letter") in about["letters"]
    if of_letter or said.get("request") in about["requests"] or said.get("account") in about["accounts"]:
        wrong(place, "tentang perkara ini, tetapi ditutup / about this case, yet hidden")
    return end[1].decode()


def check_trail(read: Callable) -> tuple:
    """The chain from its first row here to the head. Gives the rows about the cases, and the hash of each row."""
    first, *lines = [json.loads(line) for line in read("audit.jsonl").decode().splitlines()]
    rows, hashes, last = [], {}, None
    for row in lines[:-1]:
        place = f"audit.jsonl, baris/row {row['seq']}"
        before = check_row(row, first["about"], place)
        if last and row["seq"] != last["seq"] + 1:
            wrong(place, f"tidak pada urutannya / out of order, after {last['seq']}")
        elif last and before != last["hash"]:
            wrong(place, "tidak bersambung dengan baris sebelumnya / does not follow from the row before")
        last, hashes[row["seq"]] = row, row["hash"]
        rows += [row] if "rest" not in row else []
    if last and lines[-1].get("head") != {"seq": last["seq"], "hash": last["hash"]}:
        wrong("audit.jsonl", "ujungnya bukan baris terakhir / its head is not the last row")
    return rows, hashes


def check_case(folder: str, case: dict, digests: dict, rows: list) -> None:
    """A case's data against its files, and each paper's digest against what the trail said when it was made."""
    ids = {case["request"]["id"], case["letter"]["id"], *case["earlier_letters"], *case["accounts"]}
    told = {row["fields"].get("sha256") for row in rows if ids & set(row["subjects"].values())}
    listed = {f"{folder}data.json", *(folder + each for each in case["other_files"])}
    for paper in (*case["papers"], *case["pacts"], *case["attachments"]):
        place = folder + paper["file"]
        listed.add(place)
        if digests.get(place) != paper["sha256"]:
            wrong(place, "bukan naskah yang disebut / not the paper named in data.json")
        if paper["sha256"] not in told:
            wrong(place, "sidiknya tidak ada dalam jejak audit / the audit trail knows no such digest")
    for extra in sorted(each for each in digests if each.startswith(folder) and each not in listed):
        wrong(extra, "tidak disebut dalam / not named in data.json")


def check_anchor(text: str, hashes: dict) -> None:
    """A head of the trail that was noted elsewhere: on the signed pact, on a receipt, in the office's list."""
    seq, _, digits = re.sub(r"[:\s]+", "-", text.strip()).partition("-")
    digits, true = digits.replace("-", "").lower(), hashes.get(int(seq))
    if true and (len(digits) < 16 or not true.startswith(digits)):
        wrong(f"jangkar/anchor {text}", "tidak cocok, jejak audit diganti / does not match, the trail was replaced")
    else:
        print(f"jangkar/anchor {text}: {'cocok / matches' if true else 'di luar kutipan / not in this part'}")


def main(place: Path, anchors: list) -> None:
    opened = None if place.is_dir() else zipfile.ZipFile(place)
    there = (
        opened.namelist()
        if opened
        else [each.relative_to(place).as_posix() for each in place.rglob("*") if each.is_file()]
    )
    read = opened.read if opened else lambda name: (place / name).read_bytes()
    digests = check_files(there, read)
    rows, hashes = check_trail(read)
    cases = [name for name in sorted(digests) if name.endswith("/data.json")]
    for name in cases:
        case = json.loads(read(name))
        check_case(name[: -len("data.json")], case, digests, rows)
        anchors += [pact["audit_head"] for pact in case["pacts"]]
    for anchor in anchors:
        check_anchor(anchor, hashes)
    reach = f"{min(hashes, default=0)}-{max(hashes, default=0)}, ujung/head {hashes.get(max(hashes, default=0))}"
    print(f"{len(cases)} perkara/cases, {len(digests)} berkas/files, jejak audit/audit trail {reach}")


if __name__ == "__main__":
    first, *words = (
        sys.argv[1:] if sys.argv[1:2] not in ([], ["--anchor"]) else [str(Path(__file__).parent), *sys.argv[1:]]
    )
    try:
        main(Path(first), [word for word in words if word != "--anchor"])
    except (ValueError, LookupError, TypeError, AttributeError, OSError, zipfile.BadZipFile) as error:
        wrong(type(error).__name__, f"tidak dapat dibaca / cannot be read: {error}")
    print(*found, "RUSAK / NOT INTACT" if found else "UTUH / OK", sep="\n")
    sys.exit(1 if found else 0)
