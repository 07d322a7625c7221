#!/usr/bin/env python3
"""The figures of this folder's questions, counted without Casebook.

    python3 recount.py DATA             print the answers
    python3 recount.py DATA -o FOLDER   write them as FOLDER/NAME.expected.csv

DATA is the folder of the four files. Amounts are exact: each record is rounded half to even, once, to a whole nanogram.
"""

import argparse
import csv
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

POUND, KILOGRAM, GRAM = 453_592_370_000, 10**12, 10**9  # in nanograms
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
DRUGS = {
    "Cocaine": "cocaine",
    "Heroin": "heroin",
    "Methamphetamine": "methamphetamine",
    "Fentanyl": "fentanyl",
    "Marijuana": "marijuana",
    "Ecstasy": "ecstasy",
    "Ketamine": "ketamine",
    "Lsd": "LSD",
    "Khat (Catha Edulis)": "khat",
    "Other Drugs**": "other drugs",
}
LAND = {"Land Only": "land", "Land": "land", "Other": "other"}
REGIONS = ["Southwest Border", "Northern Border", "Coastal/Interior"]
COMPONENTS = ["Office of Field Operations", "U.S. Border Patrol", "Air and Marine Operations"]
# Categories sort as the catalogue lists them. No word is in two of the lists.
ORDER = {word: place for words in (DRUGS.values(), REGIONS, COMPONENTS) for place, word in enumerate(words)}


# Numbers as Casebook writes them


def fixed(value, decimals):
    """An exact number with so many decimals at most, rounded half to even, trailing zeros trimmed."""
    units = round(Fraction(value) * 10**decimals)  # of a Fraction, round() is half to even
    whole, rest = divmod(abs(units), 10**decimals)
    return ("-" if units < 0 else "") + f"{whole}.{rest:0{decimals}}".rstrip("0").rstrip(".")


def pounds(nanograms):
    return fixed(Fraction(nanograms, POUND), 9)


def kilograms(nanograms):
    return fixed(Fraction(nanograms, KILOGRAM), 12)


def grams(nanograms):
    return fixed(Fraction(nanograms, GRAM), 9)


def percent(part, whole):
    """Of a hundred, to the nearest tenth, halves up; nothing of nothing."""
    return fixed(Fraction((2000 * part + whole) // (2 * whole), 10), 1) if whole else ""


# The records


def read(folder, kind, area):
    """A table's records in the order of its files' names, and of each file."""
    records = []
    for path in sorted(folder.glob(f"{kind}-*.csv")):
        with open(path, newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                fiscal_year, month = int(row["FY"][:4]), MONTHS.index(row["Month (abbv)"]) + 1
                record = {
                    "file": path.name,
                    "fiscal_year": row["FY"],
                    "fy": fiscal_year,
                    "on": date(fiscal_year - (month >= 10), month, 1),
                    "component": row["Component"],
                    "region": row["Region"],
                    "land": LAND[row["Land Filter"]],
                    "area": row[area],
                    "drug": DRUGS[row["Drug Type"]],
                    "events": int(row["Count of Event"]),
                    "amount": round(Fraction(Decimal(row["Sum Qty (lbs)"])) * POUND),
                }
                records.append(record)
    assert records, f"no {kind}-*.csv in {folder}"
    return records


def tables(folder):
    nationwide = read(folder, "nationwide-drugs", "Area of Responsibility")
    for record in nationwide:
        record["area"] = record["area"].title()
    return nationwide, read(folder, "amo-drug-seizures", "Branch")


def group(records, *keys):
    """Groups in the order of their keys."""
    groups = {}
    for record in records:
        groups.setdefault(tuple(record[key] for key in keys), []).append(record)
    return sorted(groups.items(), key=lambda one: [ORDER.get(part, part) for part in one[0]])


def weight(records):
    return sum(record["amount"] for record in records)


def middle(records):
    """The median amount: whole nanograms, so where two are in the middle it is rounded, half to even."""
    amounts, half = sorted(record["amount"] for record in records), len(records) // 2
    return round(Fraction(amounts[half] + amounts[-half - 1], 2))


def events(records):
    return sum(record["events"] for record in records)


# The questions: each gives one answer or more, a heading and rows


def by_drug_and_year(records):
    for record in records:
        record["year"] = record["on"].year
    rows = [(drug, year, pounds(weight(found))) for (drug, year), found in group(records, "drug", "year")]
    return [(["drug", "year", "amount [lb]"], rows)]


def fentanyl_by_month(records):
    found = [r for r in records if r["drug"] == "fentanyl" and r["on"].year == 2023]
    rows = [(f"{on:%Y-%m}", events(month), pounds(weight(month))) for (on,), month in group(found, "on")]
    return [(["month", "events", "amount [lb]"], rows)]


def heaviest_areas(records):
    groups = group(records, "area", "component")
    groups.sort(key=lambda one: -weight(one[1]))
    rows = [(*key, pounds(weight(g)), pounds(max(r["amount"] for r in g)), len(g)) for key, g in groups[:10]]
    return [(["area", "component", "amount [lb]", "heaviest [lb]", "records"], rows)]


def heaviest_area_by_drug(records):
    rows = []
    for (drug,), found in group(records, "drug"):
        heaviest = max(group(found, "area"), key=lambda one: weight(one[1]))
        rows.append((drug, heaviest[0][0], kilograms(weight(heaviest[1]))))
    return [(["drug", "area", "amount [kg]"], rows)]


def few_heavy_records(records):
    rows = []
    for (drug,), found in group(records, "drug"):
        heavy = [r for r in found if r["amount"] > 5000 * POUND]
        largest = max(r["amount"] for r in found)
        share = percent(weight(heavy), weight(found))
        rows.append((drug, len(found), pounds(middle(found)), pounds(largest), len(heavy), pounds(weight(heavy)), share))
    return [(["drug", "records", "middle [lb]", "largest [lb]", "heavy", "theirs [lb]", "share [%]"], rows)]


def files(*each):
    heading = ["from_file", "records", "months", "earliest", "latest", "amount [kg]"]
    for records in each:
        rows = []
        for (name,), found in group(records, "file"):
            days = {r["on"] for r in found}
            rows.append((name, len(found), len(days), min(days), max(days), kilograms(weight(found))))
        yield heading, rows


def fiscal_years(records):
    rows = []
    for key, found in group(records, "fy", "fiscal_year"):
        days = {r["on"] for r in found}
        months = {day.month for day in days}
        rows.append((*key, len(found), len(months), min(days), max(days), pounds(weight(found))))
    return [(["fy", "fiscal_year", "records", "months", "earliest", "latest", "amount [lb]"], rows)]


def land_share(*each):
    for records in each:
        rows = []
        for key, found in group(records, "component", "region"):
            land, whole = weight(r for r in found if r["land"] == "land"), weight(found)
            rows.append((*key, kilograms(land), kilograms(whole), percent(land, whole)))
        yield ["component", "region", "land [kg]", "all [kg]", "share [%]"], rows


def traces(records):
    rows = []
    for (drug,), found in group([r for r in records if r["amount"] < GRAM // 10], "drug"):
        least = min((r["amount"] for r in found if r["amount"]), default=None)
        nought = sum(r["amount"] == 0 for r in found)
        shown = "" if least is None else grams(least)
        rows.append((drug, len(found), nought, shown, grams(weight(found)), events(found)))
    return [(["drug", "records", "nought", "least [g]", "amount [g]", "events"], rows)]


def weight_of_a_seizure(records):
    rows = []
    for (drug,), found in group(records, "drug"):
        # A mass is whole nanograms, so a quotient is rounded, half to even.
        mean, record = (round(Fraction(weight(found), n)) for n in (events(found), len(found)))
        rows.append((drug, events(found), kilograms(mean), kilograms(record), kilograms(middle(found))))
    return [(["drug", "events", "mean [kg]", "record [kg]", "middle [kg]"], rows)]


def answers(folder):
    nationwide, air_and_marine = tables(folder)
    return {
        "air-and-marine-by-drug-and-year": by_drug_and_year(air_and_marine),
        "few-heavy-records": few_heavy_records(air_and_marine),
        "fentanyl-by-month": fentanyl_by_month(nationwide),
        "files": files(nationwide, air_and_marine),
        "fiscal-years": fiscal_years(nationwide),
        "heaviest-area-by-drug": heaviest_area_by_drug(nationwide),
        "heaviest-areas": heaviest_areas(nationwide),
        "land-share": land_share(nationwide, air_and_marine),
        "pounds-by-drug-and-year": by_drug_and_year(nationwide),
        "traces": traces(nationwide),
        "weight-of-a-seizure": weight_of_a_seizure(nationwide),
    }


def write(out, answer):
    """Several answers have an empty line between them."""
    writer = csv.writer(out, lineterminator="\n")
    for place, (heading, rows) in enumerate(answer):
        if place:
            out.write("\n")
        writer.writerows([heading, *rows])


def main():
    parser = argparse.ArgumentParser(description="Recount the figures of tests/cbp.")
    parser.add_argument("data", type=Path, help="the folder of the four files")
    parser.add_argument("-o", "--out", type=Path, help="write NAME.expected.csv there instead of printing")
    args = parser.parse_args()

    for name, answer in answers(args.data).items():
        if args.out:
            with open(args.out / f"{name}.expected.csv", "w", newline="", encoding="utf-8") as out:
                write(out, answer)
        else:
            print(f"# {name}")
            write(sys.stdout, answer)


if __name__ == "__main__":
    main()
