#!/usr/bin/env python3
"""The figures of this folder's questions, counted without Casebook.

    python3 recount.py DATA             print the sixteen answers
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
GRAM, KILOGRAM = 10**9, 10**12
# A fluid ounce of the United States is 29.5735295625 ml, and 128 of them are a gallon.
NANOLITRES = {
    "ML": 10**6,
    "LT": 10**9,
    "FO": Fraction(295_735_295_625, 10**4),
    "GL": Fraction(128 * 295_735_295_625, 10**4),
}
MILLILITRE = 10**6
# Things that are counted are kept in ten-thousandths.
DOSES, PLANTS, ITEM = {"DU": 10**4}, {"NP": 10**4}, 10**4
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
    "location": "NIBRS_LOCATION_TYPE.csv",
    "item": "NIBRS_PROPERTY_DESC.csv",
    "item_type": "NIBRS_PROP_DESC_TYPE.csv",
    "weapon": "NIBRS_ARRESTEE_WEAPON.csv",
    "weapon_type": "NIBRS_WEAPON_TYPE.csv",
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


def amount(entry, measures, factors):
    """A drug entry in whole nanograms or the like; None where it has no amount or its measure is none of these."""
    measure = measures.get(entry["DRUG_MEASURE_TYPE_ID"])
    factor = factors.get(measure and measure["DRUG_MEASURE_CODE"])
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


def percent(part, whole):
    """Of a hundred, to the nearest tenth, halves up."""
    return Fraction((2000 * part + whole) // (2 * whole), 10)


def known(values):
    return [value for value in values if value is not None]


def title(agency):
    return f"{agency['PUB_AGENCY_NAME']}, {agency['AGENCY_TYPE_NAME']}"


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
        weights = known(amount(entry, measures, NANOGRAMS) for entry in entries)
        yield key, len(entries), len(weights), Fraction(sum(weights), KILOGRAM) if weights else None


def loops_drugs_by_agency_and_month(t):
    properties, incidents = index(t["property"], "PROPERTY_ID"), index(t["incident"], "INCIDENT_ID")
    agencies, types = index(t["agency"], "AGENCY_ID"), index(t["drug_type"], "SUSPECTED_DRUG_TYPE_ID")
    measures = index(t["measure"], "DRUG_MEASURE_TYPE_ID")
    found, months = {}, set()
    for entry in t["drug"]:
        incident = incidents[properties[entry["PROPERTY_ID"]]["INCIDENT_ID"]]
        on = day(incident["INCIDENT_DATE"])
        pair = types[entry["SUSPECTED_DRUG_TYPE_ID"]]["SUSPECTED_DRUG_NAME"], title(agencies[incident["AGENCY_ID"]])
        months.add((on.year, on.month))
        weights = found.setdefault(pair, {}).setdefault((on.year, on.month), [])
        weights.append(amount(entry, measures, NANOGRAMS))

    def grams(weights):
        """Nothing seized weighs nothing; what was seized and has no weight is not known to weigh anything."""
        if weights and not known(weights):
            return None
        return Fraction(sum(known(weights)), GRAM)

    (year, month), last = min(months), max(months)
    span = []
    while (year, month) <= last:
        span.append((year, month))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for pair, by_month in sorted(found.items()):
        for year, month in span:
            yield *pair, f"{year}-{month:02}", grams(by_month.get((year, month), []))


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
    titled = [(title(agencies[key]), *numbers) for key, numbers in counts.items()]
    assert len({row[0] for row in titled}) == len(titled), "two agencies share a title"
    yield from sorted(sorted(titled), key=lambda row: -row[1])[:10]


def loops_age_by_arrest_type(t):
    types = index(t["arrest_type"], "ARREST_TYPE_ID")
    arrests = [a for a in t["arrestee"] if a["ARREST_TYPE_ID"] in types]
    for key, rows in by_key(group(arrests, lambda a: types[a["ARREST_TYPE_ID"]]["ARREST_TYPE_NAME"])):
        ages = [int(row["AGE_NUM"]) for row in rows if row["AGE_NUM"] is not None]
        yield key, len(rows), len(ages), middle(ages)


def loops_offences_by_location_and_hour(t):
    locations, incidents = index(t["location"], "LOCATION_ID"), index(t["incident"], "INCIDENT_ID")
    rows = []
    for key, offences in by_key(group(t["offence"], lambda o: locations[o["LOCATION_ID"]]["LOCATION_NAME"])):
        bands = [0, 0, 0, 0]
        for offence in offences:
            hour = incidents[offence["INCIDENT_ID"]]["INCIDENT_HOUR"]
            if hour is not None:
                bands[int(hour) // 6] += 1
        rows.append((key, len(offences), *bands))
    yield from sorted(rows, key=lambda row: -row[1])[:15]


def loops_property_stolen_and_seized(t):
    properties, losses = index(t["property"], "PROPERTY_ID"), index(t["loss_type"], "PROP_LOSS_ID")
    types = index(t["item_type"], "PROP_DESC_ID")

    def key(item):
        loss = losses[properties[item["PROPERTY_ID"]]["PROP_LOSS_ID"]]["PROP_LOSS_NAME"]
        return loss, types[item["PROP_DESC_ID"]]["PROP_DESC_NAME"]

    rows = []
    for (loss, name), items in sorted(group(t["item"], key).items()):
        values = known(item["PROPERTY_VALUE"] and Fraction(Decimal(item["PROPERTY_VALUE"])) for item in items)
        if loss in ("Stolen/Etc", "Seized"):
            total = sum(values) if values else None
            rows.append((loss, name, len(items), len(values), total, middle(values)))
    yield from sorted(rows, key=lambda row: (row[0], row[4] is None, -(row[4] or 0)))


def loops_drugs_by_measure(t):
    properties, losses = index(t["property"], "PROPERTY_ID"), index(t["loss_type"], "PROP_LOSS_ID")
    types = index(t["drug_type"], "SUSPECTED_DRUG_TYPE_ID")
    measures = index(t["measure"], "DRUG_MEASURE_TYPE_ID")
    dimensions = [(NANOGRAMS, GRAM), (NANOLITRES, MILLILITRE), (DOSES, ITEM), (PLANTS, ITEM)]
    groups = {}
    for entry in t["drug"]:
        if losses[properties[entry["PROPERTY_ID"]]["PROP_LOSS_ID"]]["PROP_LOSS_NAME"] == "Seized":
            groups.setdefault(types[entry["SUSPECTED_DRUG_TYPE_ID"]]["SUSPECTED_DRUG_NAME"], []).append(entry)
    for name, entries in by_key(groups):
        row, unmeasured = [name, len(entries)], len(entries)
        for factors, unit in dimensions:
            amounts = known(amount(entry, measures, factors) for entry in entries)
            row += [len(amounts), Fraction(sum(amounts), unit) if amounts else None]
            unmeasured -= len(amounts)  # an entry has one measure, so it is known in one dimension at most
        yield (*row, unmeasured)


def loops_clearance_by_agency(t):
    agencies = index(t["agency"], "AGENCY_ID")
    arrested = {a["INCIDENT_ID"] for a in t["arrestee"]}
    groups = group((i for i in t["incident"] if i["AGENCY_ID"] in agencies), lambda i: i["AGENCY_ID"])
    rows = []
    for key, incidents in groups.items():
        arrest = sum(i["INCIDENT_ID"] in arrested for i in incidents)
        exceptional = sum(
            i["INCIDENT_ID"] not in arrested and i["CLEARED_EXCEPT_ID"] in set("12345") for i in incidents
        )
        cleared = arrest + exceptional
        rows.append(
            (
                title(agencies[key]),
                len(incidents),
                arrest,
                exceptional,
                len(incidents) - cleared,
                percent(cleared, len(incidents)),
            )
        )
    assert len({row[0] for row in rows}) == len(rows), "two agencies share a title"
    yield from sorted(rows)


def loops_arrests_under_18(t):
    types = index(t["offence_type"], "OFFENSE_TYPE_ID")
    rows = []
    for key, arrests in by_key(
        group(t["arrestee"], lambda a: types[a["OFFENSE_TYPE_ID"]]["OFFENSE_CATEGORY_NAME"])
    ):
        minors = [a for a in arrests if a["AGE_NUM"] is not None and int(a["AGE_NUM"]) < 18]
        ages = [int(a["AGE_NUM"]) for a in minors]
        if minors:
            rows.append(
                (
                    key,
                    len(arrests),
                    len(minors),
                    percent(len(minors), len(arrests)),
                    sum(a["SEX_CODE"] == "F" for a in minors),
                    sum(age <= 12 for age in ages),
                    sum(13 <= age <= 15 for age in ages),
                    sum(16 <= age for age in ages),
                    sum(a["UNDER_18_DISPOSITION_CODE"] == "H" for a in minors),
                    sum(a["UNDER_18_DISPOSITION_CODE"] == "R" for a in minors),
                )
            )
    yield from sorted(rows, key=lambda row: -row[2])


def loops_weapons_of_arrestees(t):
    arrestees, types = index(t["arrestee"], "ARRESTEE_ID"), index(t["weapon_type"], "WEAPON_ID")
    offences = index(t["offence_type"], "OFFENSE_TYPE_ID")
    rows = []
    for key, records in by_key(group(t["weapon"], lambda w: types[w["WEAPON_ID"]]["WEAPON_NAME"])):
        armed = {w["ARRESTEE_ID"]: arrestees[w["ARRESTEE_ID"]] for w in records}.values()
        person = sum(offences[a["OFFENSE_TYPE_ID"]]["CRIME_AGAINST"] == "Person" for a in armed)
        ages = [int(a["AGE_NUM"]) for a in armed if a["AGE_NUM"] is not None]
        incidents = {a["INCIDENT_ID"] for a in armed}
        rows.append((key, len(records), len(armed), len(incidents), person, middle(ages)))
    yield from sorted(rows, key=lambda row: -row[2])


def loops_days_to_arrest(t):
    incidents, types = index(t["incident"], "INCIDENT_ID"), index(t["offence_type"], "OFFENSE_TYPE_ID")
    for key, arrests in by_key(
        group(t["arrestee"], lambda a: types[a["OFFENSE_TYPE_ID"]]["OFFENSE_CATEGORY_NAME"])
    ):
        pairs = [(day(a["ARREST_DATE"]), day(incidents[a["INCIDENT_ID"]]["INCIDENT_DATE"])) for a in arrests]
        waits = [(arrest - incident).days for arrest, incident in pairs if arrest and incident]
        yield (
            key,
            len(arrests),
            sum(wait == 0 for wait in waits),
            sum(1 <= wait <= 7 for wait in waits),
            sum(wait > 7 for wait in waits),
            middle(waits),
            max(waits, default=None),
        )


def quarters(*years):
    """Each quarter of the years: its name, its first and its last day."""
    for year in years:
        for number, last in enumerate([(3, 31), (6, 30), (9, 30), (12, 31)], 1):
            yield f"{year}-Q{number}", date(year, 3 * number - 2, 1), date(year, *last)


def loops_incidents_by_month(t):
    arrests = group(t["arrestee"], lambda a: a["INCIDENT_ID"])
    for number in range(1, 13):
        agencies, incidents, within_30, later, never = set(), 0, 0, 0, 0
        for incident in t["incident"]:
            on = day(incident["INCIDENT_DATE"])
            if (on.year, on.month) == (2018, number):
                agencies.add(incident["AGENCY_ID"])
                incidents += 1
                waits = [(day(a["ARREST_DATE"]) - on).days for a in arrests.get(incident["INCIDENT_ID"], [])]
                if not waits:
                    never += 1
                elif min(waits) <= 30:
                    within_30 += 1
                else:
                    later += 1
        name = f"2018-{number:02}"
        yield name, len(agencies), incidents, within_30, later, never, percent(within_30, incidents)


def loops_stolen_by_quarter(t):
    properties, losses = index(t["property"], "PROPERTY_ID"), index(t["loss_type"], "PROP_LOSS_ID")
    incidents = index(t["incident"], "INCIDENT_ID")

    def happened(row):
        return day(incidents[row["INCIDENT_ID"]]["INCIDENT_DATE"])

    value_so_far, recovered_so_far = 0, 0
    for name, first, last in quarters(2018, 2019):
        stolen, recovered = [], 0
        for item in t["item"]:
            row = properties[item["PROPERTY_ID"]]
            loss = losses[row["PROP_LOSS_ID"]]["PROP_LOSS_NAME"]
            if loss == "Stolen/Etc" and first <= happened(row) <= last:
                stolen.append(int(item["PROPERTY_VALUE"]))
            if loss == "Recovered" and first <= day(item["DATE_RECOVERED"]) <= last:
                recovered += int(item["PROPERTY_VALUE"])
        vehicles = sum(
            int(row["STOLEN_COUNT"])
            for row in t["property"]
            if row["STOLEN_COUNT"] and first <= happened(row) <= last
        )
        value_so_far += sum(stolen)
        recovered_so_far += recovered
        yield name, len(stolen), sum(stolen), vehicles, recovered, value_so_far, recovered_so_far


def loops_open_incidents(t):
    arrests = group(t["arrestee"], lambda a: a["INCIDENT_ID"])
    spells = []
    for incident in t["incident"]:
        first = min((day(a["ARREST_DATE"]) for a in arrests.get(incident["INCIDENT_ID"], [])), default=None)
        spells.append((day(incident["INCIDENT_DATE"]), first, day(incident["CLEARED_EXCEPT_DATE"])))
    for name, first, last in quarters(2018, 2019):
        yield (
            name,
            sum(first <= on <= last for on, _, _ in spells),
            sum(first <= arrest <= last for _, arrest, _ in spells if arrest),
            sum(first <= cleared <= last for _, _, cleared in spells if cleared),
            sum(
                on <= last and not (arrest and arrest <= last) and not (cleared and cleared <= last)
                for on, arrest, cleared in spells
            ),
        )


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


def iso(column):
    """30-JUN-18 as 2018-06-30."""
    month = f"instr('JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC', substr({column}, 4, 3)) / 3 + 1"
    century = f"iif(substr({column}, 8) >= '69', '19', '20')"
    return f"{century} || substr({column}, 8) || '-' || printf('%02d', {month}) || '-' || substr({column}, 1, 2)"


# Twice the median of `value` in each group of `sample`, so that it is whole.
TWICE_THE_MEDIAN = """
        ranked AS (
            SELECT name, value, row_number() OVER (PARTITION BY name ORDER BY value) AS place,
                   count(*) OVER (PARTITION BY name) AS many
            FROM sample WHERE value IS NOT NULL),
        halves AS (
            SELECT name, sum(value) * 2 / count(*) AS twice FROM ranked
            WHERE place IN ((many + 1) / 2, many / 2 + 1) GROUP BY name)
"""

# A row a quarter, made by adding three months; days are text, which sorts as days do.
QUARTERS = """
        quarters (first, last) AS (
            SELECT '2018-01-01', '2018-03-31'
            UNION ALL
            SELECT date(first, '+3 months'), date(first, '+6 months', '-1 day') FROM quarters WHERE first < '2019-10-01'),
        named AS (SELECT substr(first, 1, 4) || '-Q' || (substr(first, 6, 2) / 3 + 1) AS name, * FROM quarters)
"""

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
    "drugs-by-agency-and-month": f"""
        WITH RECURSIVE factor (code, nanograms) AS (
            VALUES ('GM', 1000000000), ('KG', 1000000000000), ('OZ', 28349523125), ('LB', 453592370000)),
        raw AS (
            SELECT SUSPECTED_DRUG_NAME AS drug, PUB_AGENCY_NAME || ', ' || AGENCY_TYPE_NAME AS agency,
                   substr({iso("INCIDENT_DATE")}, 1, 7) AS month,
                   CAST(round(CAST(EST_DRUG_QTY AS REAL) * 1000) AS INTEGER) * nanograms AS n
            FROM drug
            JOIN property USING (PROPERTY_ID)
            JOIN incident USING (INCIDENT_ID)
            JOIN agency USING (AGENCY_ID)
            JOIN drug_type USING (SUSPECTED_DRUG_TYPE_ID)
            LEFT JOIN measure USING (DRUG_MEASURE_TYPE_ID)
            LEFT JOIN factor ON code = DRUG_MEASURE_CODE),
        rounded AS (
            SELECT drug, agency, month,
                   n / 1000 + (n % 1000 > 500 OR (n % 1000 = 500 AND n / 1000 % 2 = 1)) AS n FROM raw),
        months (month) AS (
            SELECT min(month) FROM rounded
            UNION ALL
            SELECT strftime('%Y-%m', month || '-01', '+1 month') FROM months
            WHERE month < (SELECT max(month) FROM rounded)),
        pairs AS (SELECT DISTINCT drug, agency FROM rounded)
        SELECT drug, agency, month, iif(count(rounded.drug) = 0, 0, sum(n))
        FROM pairs CROSS JOIN months LEFT JOIN rounded USING (drug, agency, month)
        GROUP BY drug, agency, month ORDER BY drug, agency, month
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
    "age-by-arrest-type": f"""
        WITH sample AS (
            SELECT ARREST_TYPE_NAME AS name, CAST(AGE_NUM AS INTEGER) AS value
            FROM arrestee JOIN arrest_type USING (ARREST_TYPE_ID)), {TWICE_THE_MEDIAN}
        SELECT name, count(*), count(value), twice FROM sample LEFT JOIN halves USING (name)
        GROUP BY name ORDER BY name
    """,
    "offences-by-location-and-hour": """
        SELECT LOCATION_NAME AS place, count(*) AS offences,
               count(*) FILTER (WHERE CAST(INCIDENT_HOUR AS INTEGER) BETWEEN 0 AND 5),
               count(*) FILTER (WHERE CAST(INCIDENT_HOUR AS INTEGER) BETWEEN 6 AND 11),
               count(*) FILTER (WHERE CAST(INCIDENT_HOUR AS INTEGER) BETWEEN 12 AND 17),
               count(*) FILTER (WHERE CAST(INCIDENT_HOUR AS INTEGER) BETWEEN 18 AND 23)
        FROM offence JOIN location USING (LOCATION_ID) LEFT JOIN incident USING (INCIDENT_ID)
        GROUP BY LOCATION_ID ORDER BY offences DESC, place LIMIT 15
    """,
    # Values are whole dollars (asserted).
    "property-stolen-and-seized": f"""
        WITH sample AS (
            SELECT PROP_LOSS_NAME || '|' || PROP_DESC_NAME AS name, PROP_LOSS_NAME AS loss,
                   PROP_DESC_NAME AS type, CAST(PROPERTY_VALUE AS INTEGER) AS value
            FROM item JOIN item_type USING (PROP_DESC_ID)
            JOIN property USING (PROPERTY_ID) JOIN loss_type USING (PROP_LOSS_ID)
            WHERE PROP_LOSS_ID IN ('6', '7')), {TWICE_THE_MEDIAN}
        SELECT loss, type, count(*), count(value), sum(value) AS total, twice
        FROM sample LEFT JOIN halves USING (name)
        GROUP BY name ORDER BY loss, total DESC NULLS LAST, type
    """,
    # `n` is in thousandths of `finest`; a millilitre has ten thousand million of those, so that a fluid ounce is whole.
    "drugs-by-measure": """
        WITH factor (code, dimension, finest, units) AS (VALUES
            ('GM', 'mass', 1, 1000000000), ('KG', 'mass', 1, 1000000000000),
            ('OZ', 'mass', 1, 28349523125), ('LB', 'mass', 1, 453592370000),
            ('ML', 'volume', 10000, 10000000000), ('LT', 'volume', 10000, 10000000000000),
            ('FO', 'volume', 10000, 295735295625), ('GL', 'volume', 10000, 37854117840000),
            ('DU', 'doses', 1, 10000), ('NP', 'plants', 1, 10000)),
        raw AS (
            SELECT SUSPECTED_DRUG_NAME AS drug, dimension, 1000 * finest AS parts,
                   CAST(round(CAST(EST_DRUG_QTY AS REAL) * 1000) AS INTEGER) * units AS n
            FROM drug
            JOIN property USING (PROPERTY_ID)
            LEFT JOIN drug_type USING (SUSPECTED_DRUG_TYPE_ID)
            LEFT JOIN measure USING (DRUG_MEASURE_TYPE_ID)
            LEFT JOIN factor ON code = DRUG_MEASURE_CODE
            WHERE PROP_LOSS_ID = '6'),
        rounded AS (
            SELECT drug, dimension, n / parts
                   + (n % parts * 2 > parts OR (n % parts * 2 = parts AND n / parts % 2 = 1)) AS n
            FROM raw)
        SELECT drug, count(*),
               count(n) FILTER (WHERE dimension = 'mass'), sum(n) FILTER (WHERE dimension = 'mass'),
               count(n) FILTER (WHERE dimension = 'volume'), sum(n) FILTER (WHERE dimension = 'volume'),
               count(n) FILTER (WHERE dimension = 'doses'), sum(n) FILTER (WHERE dimension = 'doses'),
               count(n) FILTER (WHERE dimension = 'plants'), sum(n) FILTER (WHERE dimension = 'plants'),
               count(*) FILTER (WHERE n IS NULL)
        FROM rounded GROUP BY drug ORDER BY drug NULLS LAST
    """,
    "clearance-by-agency": """
        WITH cleared AS (
            SELECT AGENCY_ID, EXISTS (SELECT * FROM arrestee AS a WHERE a.INCIDENT_ID = i.INCIDENT_ID) AS arrest,
                   CLEARED_EXCEPT_ID <> '6' AS exceptional
            FROM incident AS i),
        counted AS (
            SELECT AGENCY_ID, count(*) AS incidents, sum(arrest) AS arrest,
                   sum(exceptional AND NOT arrest) AS exceptional, sum(NOT exceptional AND NOT arrest) AS neither
            FROM cleared GROUP BY AGENCY_ID)
        SELECT PUB_AGENCY_NAME || ', ' || AGENCY_TYPE_NAME AS title, incidents, arrest, exceptional, neither,
               (2000 * (incidents - neither) + incidents) / (2 * incidents)
        FROM counted JOIN agency USING (AGENCY_ID) ORDER BY title
    """,
    "arrests-under-18": """
        WITH counted AS (
            SELECT OFFENSE_CATEGORY_NAME AS offence, count(*) AS arrests, sum(AGE_NUM + 0 < 18) AS minors,
                   sum(AGE_NUM + 0 < 18 AND SEX_CODE = 'F') AS girls, sum(AGE_NUM + 0 < 13) AS below_13,
                   sum(AGE_NUM + 0 BETWEEN 13 AND 15) AS below_16, sum(AGE_NUM + 0 BETWEEN 16 AND 17) AS below_18,
                   sum(AGE_NUM + 0 < 18 AND UNDER_18_DISPOSITION_CODE IS 'H') AS handled,
                   sum(AGE_NUM + 0 < 18 AND UNDER_18_DISPOSITION_CODE IS 'R') AS referred
            FROM arrestee JOIN offence_type USING (OFFENSE_TYPE_ID) GROUP BY OFFENSE_CATEGORY_NAME)
        SELECT offence, arrests, minors, (2000 * minors + arrests) / (2 * arrests), girls, below_13, below_16,
               below_18, handled, referred
        FROM counted WHERE minors > 0 ORDER BY minors DESC, offence
    """,
    "weapons-of-arrestees": f"""
        WITH records AS (
            SELECT WEAPON_NAME AS name, ARRESTEE_ID, INCIDENT_ID, CRIME_AGAINST = 'Person' AS person,
                   CAST(AGE_NUM AS INTEGER) AS value
            FROM weapon JOIN weapon_type USING (WEAPON_ID) JOIN arrestee USING (ARRESTEE_ID)
            JOIN offence_type USING (OFFENSE_TYPE_ID)),
        sample AS (SELECT DISTINCT * FROM records), {TWICE_THE_MEDIAN}
        SELECT name, (SELECT count(*) FROM records AS r WHERE r.name = s.name), count(*) AS arrestees,
               count(DISTINCT INCIDENT_ID), sum(person), twice
        FROM sample AS s LEFT JOIN halves USING (name) GROUP BY name ORDER BY arrestees DESC, name
    """,
    "days-to-arrest": f"""
        WITH sample AS (
            SELECT OFFENSE_CATEGORY_NAME AS name,
                   CAST(julianday({iso("ARREST_DATE")}) - julianday({iso("INCIDENT_DATE")}) AS INTEGER) AS value
            FROM arrestee JOIN incident USING (INCIDENT_ID) JOIN offence_type USING (OFFENSE_TYPE_ID)),
        {TWICE_THE_MEDIAN}
        SELECT name, count(*), count(*) FILTER (WHERE value = 0), count(*) FILTER (WHERE value BETWEEN 1 AND 7),
               count(*) FILTER (WHERE value > 7), twice, max(value)
        FROM sample LEFT JOIN halves USING (name) GROUP BY name ORDER BY name
    """,
    "incidents-by-month": f"""
        WITH first AS (
            SELECT INCIDENT_ID, min(julianday({iso("ARREST_DATE")})) AS arrested FROM arrestee GROUP BY INCIDENT_ID),
        waits AS (
            SELECT substr({iso("INCIDENT_DATE")}, 1, 7) AS month, AGENCY_ID,
                   arrested - julianday({iso("INCIDENT_DATE")}) AS wait
            FROM incident LEFT JOIN first USING (INCIDENT_ID)),
        counted AS (
            SELECT month, count(DISTINCT AGENCY_ID) AS agencies, count(*) AS incidents, sum(wait <= 30) AS within_30,
                   sum(wait > 30) AS later, sum(wait IS NULL) AS never
            FROM waits GROUP BY month)
        SELECT *, (2000 * within_30 + incidents) / (2 * incidents) FROM counted ORDER BY month
    """,
    "stolen-by-quarter": f"""
        WITH RECURSIVE {QUARTERS},
        stolen AS (
            SELECT {iso("INCIDENT_DATE")} AS day, CAST(PROPERTY_VALUE AS INTEGER) AS value
            FROM item JOIN property USING (PROPERTY_ID) JOIN incident USING (INCIDENT_ID) WHERE PROP_LOSS_ID = '7'),
        vehicles AS (
            SELECT {iso("INCIDENT_DATE")} AS day, CAST(STOLEN_COUNT AS INTEGER) AS n
            FROM property JOIN incident USING (INCIDENT_ID) WHERE STOLEN_COUNT IS NOT NULL),
        recovered AS (
            SELECT {iso("DATE_RECOVERED")} AS day, CAST(PROPERTY_VALUE AS INTEGER) AS value
            FROM item JOIN property USING (PROPERTY_ID) WHERE PROP_LOSS_ID = '5'),
        summed AS (
            SELECT name, (SELECT count(*) FROM stolen WHERE day BETWEEN first AND last) AS stolen,
                   (SELECT coalesce(sum(value), 0) FROM stolen WHERE day BETWEEN first AND last) AS value,
                   (SELECT coalesce(sum(n), 0) FROM vehicles WHERE day BETWEEN first AND last) AS vehicles,
                   (SELECT coalesce(sum(value), 0) FROM recovered WHERE day BETWEEN first AND last) AS recovered
            FROM named)
        SELECT *, sum(value) OVER (ORDER BY name), sum(recovered) OVER (ORDER BY name) FROM summed ORDER BY name
    """,
    # What is open is what happened so far less what was cleared so far: no incident was cleared both ways.
    "open-incidents": f"""
        WITH RECURSIVE {QUARTERS},
        happened AS (SELECT {iso("INCIDENT_DATE")} AS day FROM incident),
        arrested AS (SELECT min({iso("ARREST_DATE")}) AS day FROM arrestee GROUP BY INCIDENT_ID),
        exceptional AS (SELECT {iso("CLEARED_EXCEPT_DATE")} AS day FROM incident),
        counted AS (
            SELECT name, (SELECT count(*) FROM happened WHERE day BETWEEN first AND last) AS happened,
                   (SELECT count(*) FROM arrested WHERE day BETWEEN first AND last) AS arrested,
                   (SELECT count(*) FROM exceptional WHERE day BETWEEN first AND last) AS exceptional
            FROM named)
        SELECT *, sum(happened - arrested - exceptional) OVER (ORDER BY name) FROM counted ORDER BY name
    """,
}

# What the columns of a SQL answer are divided by.
DIVISORS = {
    "drugs-by-weight": {3: KILOGRAM},
    "drugs-by-agency-and-month": {3: GRAM},
    "age-by-arrest-type": {3: 2},
    "property-stolen-and-seized": {5: 2},
    "drugs-by-measure": {3: GRAM, 5: MILLILITRE, 7: ITEM, 9: ITEM},
    "clearance-by-agency": {5: 10},
    "arrests-under-18": {3: 10},
    "weapons-of-arrestees": {5: 2},
    "days-to-arrest": {5: 2},
    "incidents-by-month": {6: 10},
}

QUESTIONS = {
    "arrests-by-month": (["month", "arrests", "counted_once"], loops_arrests_by_month),
    "drugs-by-weight": (["drug", "entries", "weighed", "weight [kg]"], loops_drugs_by_weight),
    "drugs-by-agency-and-month": (["drug", "agency", "month", "grams [g]"], loops_drugs_by_agency_and_month),
    "drugs-without-arrest": (["count"], loops_drugs_without_arrest),
    "busiest-agencies": (["agency", "arrests", "offences", "drugs"], loops_busiest_agencies),
    "age-by-arrest-type": (["kind", "arrests", "count_age", "median_age"], loops_age_by_arrest_type),
    "offences-by-location-and-hour": (
        ["location", "offences", "night", "morning", "afternoon", "evening"],
        loops_offences_by_location_and_hour,
    ),
    "property-stolen-and-seized": (
        ["loss", "type", "items", "valued", "value [USD]", "typical [USD]"],
        loops_property_stolen_and_seized,
    ),
    "drugs-by-measure": (
        ["drug", "entries", "by_weight", "weight [g]", "by_volume", "volume [ml]", "by_dose", "doses [doses]"]
        + ["by_plant", "plants [plants]", "unmeasured"],
        loops_drugs_by_measure,
    ),
    "clearance-by-agency": (
        ["agency", "incidents", "arrest", "exceptional", "neither", "rate [%]"],
        loops_clearance_by_agency,
    ),
    "arrests-under-18": (
        ["offence", "arrests", "under_18", "share [%]", "girls", "under_13", "aged_13_to_15", "aged_16_to_17"]
        + ["handled", "referred"],
        loops_arrests_under_18,
    ),
    "weapons-of-arrestees": (
        ["weapon", "records", "arrestees", "incidents", "against_person", "age"],
        loops_weapons_of_arrestees,
    ),
    "days-to-arrest": (
        ["offence", "arrests", "same_day", "week", "later", "typical [days]", "longest [days]"],
        loops_days_to_arrest,
    ),
    "incidents-by-month": (
        ["label", "agencies", "incidents", "within_30", "later", "never", "rate [%]"],
        loops_incidents_by_month,
    ),
    "stolen-by-quarter": (
        ["label", "stolen", "value [USD]", "vehicles", "recovered [USD]", "value_so_far [USD]"]
        + ["recovered_so_far [USD]"],
        loops_stolen_by_quarter,
    ),
    "open-incidents": (["label", "happened", "arrested", "exceptional", "open"], loops_open_incidents),
}


def in_sql(db, name):
    point = "instr(EST_DRUG_QTY, '.')"
    finer = db.execute(f"SELECT count(*) FROM drug WHERE {point} BETWEEN 1 AND length(EST_DRUG_QTY) - 4")
    assert finer.fetchone() == (0,), "an amount has more than three decimals"
    broken = db.execute("SELECT count(*) FROM item WHERE PROPERTY_VALUE GLOB '*[^0-9]*'")
    assert broken.fetchone() == (0,), "a value is not of whole dollars"
    divisors = DIVISORS.get(name, {})

    def divided(row):
        return tuple(
            Fraction(value, divisors[i]) if i in divisors and value is not None else value
            for i, value in enumerate(row)
        )

    return [divided(row) for row in db.execute(SQL[name])]


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
