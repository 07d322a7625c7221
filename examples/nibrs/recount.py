#!/usr/bin/env python3
"""The figures of this folder's questions, counted without Casebook.

    python3 recount.py DATA             print the five answers
    python3 recount.py DATA -o FOLDER   write them as FOLDER/NAME.expected.csv

DATA is the folder of the extract. Every answer is worked out twice, by plain loops over the files and in SQL,
and the two must agree. Amounts are exact: each record is rounded half to even, once, to a whole nanogram.
"""

import argparse
import csv
import sqlite3
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

NANOGRAMS = {"GM": 10**9, "KG": 10**12, "OZ": 28_349_523_125, "LB": 453_592_370_000}
KILOGRAM = 10**12
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
TABLES = {
    "incident": "NIBRS_incident.csv",
    "agency": "agencies.csv",
    "offence": "NIBRS_OFFENSE.csv",
    "offence_type": "NIBRS_OFFENSE_TYPE.csv",
    "arrestee": "NIBRS_ARRESTEE.csv",
    "arrest_type": "NIBRS_ARREST_TYPE.csv",
    "property": "NIBRS_PROPERTY.csv",
    "loss_type": "NIBRS_PROP_LOSS_TYPE.csv",
    "drug": "NIBRS_SUSPECTED_DRUG.csv",
    "drug_type": "NIBRS_SUSPECTED_DRUG_TYPE.csv",
    "measure": "NIBRS_DRUG_MEASURE_TYPE.csv",
}


# Numbers as Casebook writes them


def fixed(value):
    """An exact number with at most twelve decimals, rounded half to even, trailing zeros trimmed."""
    units = round(Fraction(value) * 10**12)  # of a Fraction, round() is half to even
    whole, rest = divmod(abs(units), 10**12)
    return ("-" if units < 0 else "") + f"{whole}.{rest:012}".rstrip("0").rstrip(".")


def cell(value):
    if value is None:
        return ""
    return fixed(value) if isinstance(value, Fraction) else str(value)


# The plain way: dictionaries and loops


def read(folder):
    """Each table as a list of rows, in the order of its file; the empty field is None."""
    tables = {}
    for name, file in TABLES.items():
        with open(folder / file, newline="", encoding="utf-8") as lines:
            tables[name] = [{k: v or None for k, v in row.items()} for row in csv.DictReader(lines)]
    return tables


def index(rows, key):
    """Rows by a key that must be unique."""
    found = {row[key]: row for row in rows}
    assert len(found) == len(rows), f"{key} is not unique"
    return found


def day(text):
    if text is None:
        return None
    number, month, year = text.split("-")
    return date((1900 if int(year) >= 69 else 2000) + int(year), MONTHS.index(month) + 1, int(number))


def nanograms(entry, measures):
    """What a drug entry weighs; None where it has no amount or its measure is none of mass."""
    measure = measures.get(entry["DRUG_MEASURE_TYPE_ID"])
    factor = NANOGRAMS.get(measure and measure["DRUG_MEASURE_CODE"])
    if entry["EST_DRUG_QTY"] is None or factor is None:
        return None
    return round(Fraction(Decimal(entry["EST_DRUG_QTY"])) * factor)


def middle(values):
    """The median, or None of nothing."""
    values = sorted(values)
    half = len(values) // 2
    if not values:
        return None
    return Fraction(values[half]) if len(values) % 2 else Fraction(values[half - 1] + values[half], 2)


def by_key(groups):
    """Groups in the order of their keys, the missing key last."""
    return sorted(groups.items(), key=lambda group: (group[0] is None, group[0] or ""))


def group(rows, key):
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def loops_arrests_by_month(t):
    def month(row):
        arrested_on = day(row["ARREST_DATE"])
        return arrested_on and f"{arrested_on:%Y-%m}"

    for key, rows in by_key(group(t["arrestee"], month)):
        yield key, len(rows), sum(row["MULTIPLE_INDICATOR"] in ("N", "C") for row in rows)


def loops_drugs_by_weight(t):
    properties, losses = index(t["property"], "PROPERTY_ID"), index(t["loss_type"], "PROP_LOSS_ID")
    types = index(t["drug_type"], "SUSPECTED_DRUG_TYPE_ID")
    measures = index(t["measure"], "DRUG_MEASURE_TYPE_ID")

    def seized(entry):
        return losses[properties[entry["PROPERTY_ID"]]["PROP_LOSS_ID"]]["PROP_LOSS_NAME"] == "Seized"

    def drug(entry):
        return types[entry["SUSPECTED_DRUG_TYPE_ID"]]["SUSPECTED_DRUG_NAME"]

    for key, entries in by_key(group(filter(seized, t["drug"]), drug)):
        weights = [n for n in (nanograms(entry, measures) for entry in entries) if n is not None]
        yield key, len(entries), len(weights), Fraction(sum(weights), KILOGRAM) if weights else None


def loops_drugs_without_arrest(t):
    types = index(t["offence_type"], "OFFENSE_TYPE_ID")
    codes = {key: row["OFFENSE_CODE"] for key, row in types.items()}
    with_drugs = {o["INCIDENT_ID"] for o in t["offence"] if codes[o["OFFENSE_TYPE_ID"]] == "35A"}
    arrested = {a["INCIDENT_ID"] for a in t["arrestee"]}
    yield (sum(i["INCIDENT_ID"] in with_drugs - arrested for i in t["incident"]),)


def loops_busiest_agencies(t):
    agencies, incidents = index(t["agency"], "AGENCY_ID"), index(t["incident"], "INCIDENT_ID")
    properties = index(t["property"], "PROPERTY_ID")
    counts = {i["AGENCY_ID"]: [0, 0, 0] for i in t["incident"] if i["AGENCY_ID"] in agencies}

    def add(column, incident_id):
        agency = incidents[incident_id]["AGENCY_ID"]
        if agency in counts:
            counts[agency][column] += 1

    for arrestee in t["arrestee"]:
        add(0, arrestee["INCIDENT_ID"])
    for offence in t["offence"]:
        add(1, offence["INCIDENT_ID"])
    for entry in t["drug"]:
        add(2, properties[entry["PROPERTY_ID"]]["INCIDENT_ID"])
    titles = {k: f"{a['PUB_AGENCY_NAME']}, {a['AGENCY_TYPE_NAME']}" for k, a in agencies.items()}
    titled = [(titles[key], *numbers) for key, numbers in counts.items()]
    assert len({row[0] for row in titled}) == len(titled), "two agencies share a title"
    yield from sorted(sorted(titled), key=lambda row: -row[1])[:10]


def loops_age_by_arrest_type(t):
    types = index(t["arrest_type"], "ARREST_TYPE_ID")
    known = [a for a in t["arrestee"] if a["ARREST_TYPE_ID"] in types]
    for key, rows in by_key(group(known, lambda a: types[a["ARREST_TYPE_ID"]]["ARREST_TYPE_NAME"])):
        ages = [int(row["AGE_NUM"]) for row in rows if row["AGE_NUM"] is not None]
        yield key, len(rows), len(ages), middle(ages)


# The other way: SQL, over integers


def load(folder):
    """The same files in SQLite, every column a text, the empty field null."""
    db = sqlite3.connect(":memory:")
    for name, file in TABLES.items():
        with open(folder / file, newline="", encoding="utf-8") as lines:
            rows = csv.reader(lines)
            heading = next(rows)
            # A heading that stands twice takes its place as a suffix.
            names = [h if heading.count(h) == 1 else f"{h}#{i}" for i, h in enumerate(heading)]
            columns = ", ".join(f'"{n}" TEXT' for n in names)
            db.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("nullif(?, '')" for _ in names)
            db.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    for name in ["arrestee", "offence", "property"]:
        db.execute(f"CREATE INDEX {name}_incident ON {name} (INCIDENT_ID)")
    db.execute("CREATE INDEX drug_property ON drug (PROPERTY_ID)")
    return db


SQL = {
    "arrests-by-month": """
        WITH dated AS (
            SELECT iif(substr(ARREST_DATE, 8) >= '69', '19', '20') || substr(ARREST_DATE, 8)
                   || '-' || printf('%02d', instr('JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC',
                                                  substr(ARREST_DATE, 4, 3)) / 3 + 1) AS month,
                   MULTIPLE_INDICATOR AS multiple
            FROM arrestee)
        SELECT month, count(*), count(*) FILTER (WHERE multiple <> 'M')
        FROM dated GROUP BY month ORDER BY month NULLS LAST
    """,
    # Amounts have three decimals at most (asserted), so thousandths of them are whole; `n` is in thousandths of
    # a nanogram until it is rounded, half to even, by hand.
    "drugs-by-weight": """
        WITH factor (code, nanograms) AS (
            VALUES ('GM', 1000000000), ('KG', 1000000000000), ('OZ', 28349523125), ('LB', 453592370000)),
        raw AS (
            SELECT SUSPECTED_DRUG_NAME AS drug,
                   CAST(round(CAST(EST_DRUG_QTY AS REAL) * 1000) AS INTEGER) * nanograms AS n
            FROM drug
            JOIN property USING (PROPERTY_ID)
            LEFT JOIN drug_type USING (SUSPECTED_DRUG_TYPE_ID)
            LEFT JOIN measure USING (DRUG_MEASURE_TYPE_ID)
            LEFT JOIN factor ON code = DRUG_MEASURE_CODE
            WHERE PROP_LOSS_ID = '6'),
        rounded AS (
            SELECT drug, n / 1000 + (n % 1000 > 500 OR (n % 1000 = 500 AND n / 1000 % 2 = 1)) AS n FROM raw)
        SELECT drug, count(*), count(n), sum(n) FROM rounded GROUP BY drug ORDER BY drug NULLS LAST
    """,
    "drugs-without-arrest": """
        SELECT count(*) FROM incident AS i
        WHERE EXISTS (SELECT * FROM offence AS o JOIN offence_type AS t USING (OFFENSE_TYPE_ID)
                      WHERE o.INCIDENT_ID = i.INCIDENT_ID AND t.OFFENSE_CODE = '35A')
          AND NOT EXISTS (SELECT * FROM arrestee AS a WHERE a.INCIDENT_ID = i.INCIDENT_ID)
    """,
    # One big join, and every record counted once by its key.
    "busiest-agencies": """
        SELECT PUB_AGENCY_NAME || ', ' || AGENCY_TYPE_NAME AS title, count(DISTINCT ARRESTEE_ID) AS arrests,
               count(DISTINCT OFFENSE_ID), count(DISTINCT NIBRS_SUSPECTED_DRUG_ID)
        FROM incident
        JOIN agency USING (AGENCY_ID)
        LEFT JOIN arrestee USING (INCIDENT_ID)
        LEFT JOIN offence USING (INCIDENT_ID)
        LEFT JOIN property USING (INCIDENT_ID)
        LEFT JOIN drug USING (PROPERTY_ID)
        GROUP BY AGENCY_ID ORDER BY arrests DESC, title LIMIT 10
    """,
    # Twice the median, so that it is whole.
    "age-by-arrest-type": """
        WITH arrest AS (
            SELECT ARREST_TYPE_NAME AS kind, CAST(AGE_NUM AS INTEGER) AS age
            FROM arrestee JOIN arrest_type USING (ARREST_TYPE_ID)),
        ranked AS (
            SELECT kind, age, row_number() OVER (PARTITION BY kind ORDER BY age) AS place,
                   count(*) OVER (PARTITION BY kind) AS ages
            FROM arrest WHERE age IS NOT NULL),
        halves AS (
            SELECT kind, sum(age) * 2 / count(*) AS twice FROM ranked
            WHERE place IN ((ages + 1) / 2, ages / 2 + 1) GROUP BY kind)
        SELECT kind, count(*), count(age), twice FROM arrest LEFT JOIN halves USING (kind)
        GROUP BY kind ORDER BY kind
    """,
}

# What the last column of a SQL answer is divided by.
DIVISOR = {"drugs-by-weight": KILOGRAM, "age-by-arrest-type": 2}

QUESTIONS = {
    "arrests-by-month": (["month", "arrests", "counted_once"], loops_arrests_by_month),
    "drugs-by-weight": (["drug", "entries", "weighed", "weight [kg]"], loops_drugs_by_weight),
    "drugs-without-arrest": (["count"], loops_drugs_without_arrest),
    "busiest-agencies": (["agency", "arrests", "offences", "drugs"], loops_busiest_agencies),
    "age-by-arrest-type": (["kind", "arrests", "count_age", "median_age"], loops_age_by_arrest_type),
}


def in_sql(db, name):
    if name == "drugs-by-weight":
        point = "instr(EST_DRUG_QTY, '.')"
        finer = db.execute(f"SELECT count(*) FROM drug WHERE {point} BETWEEN 1 AND length(EST_DRUG_QTY) - 4")
        assert finer.fetchone() == (0,), "an amount has more than three decimals"
    rows = db.execute(SQL[name]).fetchall()
    if name in DIVISOR:
        rows = [(*r[:-1], None if r[-1] is None else Fraction(r[-1], DIVISOR[name])) for r in rows]
    return rows


def main():
    parser = argparse.ArgumentParser(description="Recount the figures of the NIBRS example.")
    parser.add_argument("data", type=Path, help="the folder of the extract")
    parser.add_argument("-o", "--out", type=Path, help="write NAME.expected.csv there instead of printing")
    args = parser.parse_args()

    tables, db = read(args.data), load(args.data)
    for name, (heading, loops) in QUESTIONS.items():
        rows, again = list(loops(tables)), in_sql(db, name)
        if rows != again:
            sys.exit(f"{name}: the two counts differ\n  loops: {rows}\n  SQL:   {again}")
        answer = [heading, *([cell(value) for value in row] for row in rows)]
        if args.out:
            with open(args.out / f"{name}.expected.csv", "w", newline="", encoding="utf-8") as out:
                csv.writer(out, lineterminator="\n").writerows(answer)
        else:
            print(f"# {name}")
            csv.writer(sys.stdout, lineterminator="\n").writerows(answer)


if __name__ == "__main__":
    main()
