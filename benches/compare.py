#!/usr/bin/env python3
"""Casebook against DuckDB's shell and against polars by hand: whole processes, one after the other.

    benches/compare.py all /tmp/bench             builds, writes the data that is not there, and measures everything
    benches/compare.py /tmp/bench/1m parquet      one folder in one format; names of questions narrow it
    benches/compare.py tiny                       how long a small question takes, from start to end

Needs Python's standard library, cargo, and DuckDB's shell (`pip install duckdb-cli`). The three tools take turns, so
that a slow moment of the machine meets all of them; their answers must be the same, or it ends with an error.
"""

import argparse
import csv
import io
import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent
EXAMPLE = REPO / "examples/county_lines"
SIZES = {"10k": 10_000, "1m": 1_000_000, "10m": 10_000_000}
# The bulletin's, then eleven more.
QUESTIONS = """
    arrests charged charged_class lines safeguarded events firearms weapons drugs_class drugs_both cash young referred orochi
    filter text_groups distinct to_one no any two_to_many top bins mean_each_once units
""".split()
TOOLS = ["Casebook", "polars", "DuckDB"]


def run(command, folder, cache):
    """Runs a command: its standard output, the seconds it took, its largest memory in MB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env={**os.environ, "XDG_CACHE_HOME": cache},
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - before
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            sys.exit(f"{command} failed:\n{errors.read().decode()}")
        return out.read().decode(), seconds, usage.ru_maxrss / 1024


def commands(question, folder, kind, tools):
    """The command of each tool for a question."""
    query = (HERE / f"questions/{question}.sql").read_text()
    tables = (HERE / f"tables_{kind}.sql").read_text().split("\n\n")
    used = [view for view in tables if re.search(r"create view (\w+)", view)[1] in re.findall(r"\w+", query)]
    return {
        "Casebook": [tools.casebook, "run", HERE / f"questions/{question}.cbq", "-C", folder / kind, "--format", "csv"],
        "polars": [tools.by_hand, question, folder, kind],
        "DuckDB": [tools.duckdb, "-init", os.devnull, "-csv", "-nullvalue", "", "-c", "\n".join([*used, query])],
    }


def catalogue(folder, kind):
    """Writes the catalogue for the files of one format. It keeps repeated lines, as the other tools do, and so a key
    that they repeat is none."""
    text = (EXAMPLE / "casebook.toml").read_text()
    text = re.sub(r'source = "(\w+)\.csv"', rf'source = "../\1.{kind}"', text)
    text = re.sub(r'key = "\w+"\nrepeated = .*\n', "", text)
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / "casebook.toml").write_text(text)


def rows(answer):
    """An answer's rows without its headings, in an order of their own: small letters, and numbers as such."""

    def cell(text):
        try:
            return float(text)
        except ValueError:
            return text.lower()

    found = [[cell(text) for text in row] for row in list(csv.reader(io.StringIO(answer)))[1:] if row]
    return sorted(found, key=lambda row: [text for text in row if isinstance(text, str)])


def same(one, other):
    def close(a, b):
        if isinstance(a, float) and isinstance(b, float):
            return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        return a == b

    return len(one) == len(other) and all(
        len(a) == len(b) and all(map(close, a, b)) for a, b in zip(one, other)
    )


def measure(question, folder, kind, tools, cache):
    """Medians of each tool's seconds and megabytes. The first run of each is not counted."""
    each = commands(question, folder, kind, tools)
    answers = {tool: rows(run(each[tool], folder, cache)[0]) for tool in TOOLS}
    for tool in TOOLS[1:]:
        if not same(answers["Casebook"], answers[tool]):
            sys.exit(f"{question}: Casebook says\n{answers['Casebook']}\nand {tool}\n{answers[tool]}")
    runs = {tool: [] for tool in TOOLS}
    for _ in range(tools.runs):
        for tool in TOOLS:
            runs[tool].append(run(each[tool], folder, cache)[1:])
    return {tool: [statistics.median(column) for column in zip(*runs[tool])] for tool in TOOLS}


def table(folder, kind, questions, tools):
    catalogue(folder, kind)
    print(f"\n### {folder.name}, {kind}\n")
    with tempfile.TemporaryDirectory() as cache:
        # Each file is surveyed once, by the first question that needs it.
        for name in ["arrests", "charges", "seizures"]:
            count = [tools.casebook, "query", f"{name} | count", "-C", folder / kind]
            _, seconds, memory = run(count, folder, cache)
            size = (folder / f"{name}.{kind}").stat().st_size / 2**20
            print(f"Survey of {name}.{kind} ({size:.0f} MB), once: {seconds:.1f} s, {memory:.0f} MB.  ")
        print("\n| question | Casebook | polars | DuckDB | / polars | / DuckDB | memory: Casebook | polars | DuckDB |")
        print("| --- |" + " --: |" * 8)
        ratios = []
        for question in questions:
            found = measure(question, folder, kind, tools, cache)
            seconds, memory = zip(*(found[tool] for tool in TOOLS))
            ratio = [seconds[0] / seconds[1], seconds[0] / seconds[2]]
            ratios.append(ratio)
            cells = [f"{s:.3f} s" for s in seconds] + [f"{r:.2f}" for r in ratio] + [f"{m:.0f} MB" for m in memory]
            print(f"| {question} | {' | '.join(cells)} |", flush=True)
    means = [f"**{math.exp(statistics.mean(map(math.log, column))):.2f}**" for column in zip(*ratios)]
    print(f"| geometric mean | | | | {' | '.join(means)} | | | |")


def tiny(tools):
    """The smallest question on the small example."""
    with tempfile.TemporaryDirectory() as cache:
        each = {
            "Casebook": [tools.casebook, "query", "arrests | count", "--format", "csv"],
            "DuckDB": [tools.duckdb, "-init", os.devnull, "-csv", "-c", "select count(*) from 'arrests.csv'"],
        }
        runs = {tool: [] for tool in each}
        answers = {tool: rows(run(command, EXAMPLE, cache)[0]) for tool, command in each.items()}
        if answers["Casebook"] != answers["DuckDB"]:
            sys.exit(f"the answers differ: {answers}")
        for _ in range(4 * tools.runs):
            for tool, command in each.items():
                runs[tool].append(run(command, EXAMPLE, cache)[1:])
    print("\n### `arrests | count` on 4,000 arrests\n\n| | time | memory |\n| --- | --: | --: |")
    for tool, found in runs.items():
        seconds, memory = (statistics.median(column) for column in zip(*found))
        print(f"| {tool} | {1000 * seconds:.1f} ms | {memory:.0f} MB |")


def text_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def machine(tools):
    """What all this ran on."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 2**20
    polars = re.search(r'name = "polars"\nversion = "(.*)"', (REPO / "Cargo.lock").read_text())[1]
    print(
        f"{os.cpu_count()} cores ({processor[1] if processor else platform.processor()}), {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.2f} at the start; "
        f"{text_of(tools.casebook, '--version')} ({tools.commit}), "
        f"polars {polars}, DuckDB {text_of(tools.duckdb, '--version').split()[0]}, "
        f"{text_of('rustc', '--version').split(' (')[0]}; medians of {tools.runs} runs"
    )


def built(target, *options):
    """Builds a program, and says where it is."""
    command = ["cargo", "build", "--release", "--message-format=json", *options, target]
    messages = subprocess.run(command, cwd=REPO, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [found for line in messages.splitlines() if (found := json.loads(line).get("executable"))][-1]


def shell(named):
    """DuckDB's shell itself, not the script that pip puts before it, which takes longer to start."""
    found = shutil.which(named) or sys.exit(f"there is no {named}: pip install duckdb-cli")
    with open(found, "rb") as file:
        first = file.readline()
    if not first.startswith(b"#!"):
        return found
    python = first[2:].decode().strip()
    folder = text_of(python, "-c", "import duckdb_cli; print(duckdb_cli.__path__[0])")
    return str(Path(folder) / "duckdb")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", help="all, tiny, or a folder that the generator wrote")
    parser.add_argument("kind", nargs="?", help="csv or parquet; for all, the folder to put data in")
    parser.add_argument("questions", nargs="*", help="names of files in benches/questions")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--casebook", help="the program to measure, instead of building it")
    parser.add_argument("--by-hand", help="the example by_hand, instead of building it")
    parser.add_argument("--duckdb", default="duckdb")
    tools = parser.parse_intermixed_args()
    tools.duckdb = shell(tools.duckdb)
    tools.commit = tools.casebook or text_of("git", "-C", REPO, "rev-parse", "--short", "HEAD")
    tools.casebook = tools.casebook or built("casebook", "--bin")
    if tools.what == "tiny":
        machine(tools)
        return tiny(tools)
    tools.by_hand = tools.by_hand or built("by_hand", "--example")
    if tools.what != "all":
        machine(tools)
        return table(Path(tools.what).resolve(), tools.kind, tools.questions or QUESTIONS, tools)
    data = Path(tools.kind).resolve()
    for name, arrests in SIZES.items():
        if not (data / name / "seizures.parquet").exists():
            generator = built("generate_county_lines", "--example")
            subprocess.run([generator, "--out", data / name, "--arrests", str(arrests), "--parquet"], check=True)
    machine(tools)
    for name, kind in [("1m", "parquet"), ("1m", "csv"), ("10m", "parquet"), ("10k", "csv")]:
        table(data / name, kind, QUESTIONS, tools)
    tiny(tools)


main()
