//! What Tab offers, place by place, on the county lines casebook.

use std::path::Path;
use std::time::{Duration, Instant};

use casebook::repl::session::Session;
use casebook::repl::typing::colour::{Names, paint};
use casebook::repl::typing::complete::complete;
use casebook::repl::typing::known::{Gathered, Known};
use casebook::{Casebook, Settings};

/// A session that was asked these before, as of the day after the week.
fn session(at: &Path, asked: &[&str]) -> Session {
    let settings = Settings { as_of: Some(19_646), ..Settings::default() };
    let mut session = Session::new(Casebook::open(at).unwrap(), settings);
    for text in asked {
        let request = session.request(text).unwrap();
        let reply = request.answer();
        assert!(reply.answers.is_ok(), "{text}: {:?}", reply.answers);
        session.keep(request, &reply);
    }
    session
}

/// The candidates behind a text; what is worked out is waited for.
fn offered(session: &Session, gathered: &Gathered, text: &str) -> Vec<String> {
    let known = Known { session, gathered, until: Instant::now() + Duration::from_secs(20) };
    complete(text, known).1.into_iter().map(|candidate| candidate.text).collect()
}

/// A text, what must be among the candidates, and what must not.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    // The start.
    ("", &["arrests", "people", "drug_seizures", "months", "let", "param"], &["borough", "where ", "it"]),
    ("cha", &["charges"], &["arrests"]),
    ("CHA", &["charges"], &[]),
    ("szrs", &["seizures"], &["people"]),
    ("months ", &["in"], &[]),
    ("months in ", &["last year", "2023-Q3"], &["arrests"]),
    ("months in last ", &["year", "quarter"], &["arrests"]),
    ("periods ", &["last week"], &[]),
    ("let a = ", &["arrests"], &["let"]),
    ("arrests | count\ncha", &["charges"], &[]),
    ("param w: ", &["period"], &["arrests"]),
    ("# cha", &[], &["charges"]),
    // Stages.
    ("arrests | ", &["where ", "count", "summarise ", "join "], &["borough", "arrests"]),
    ("arrests | wh", &["where "], &["count"]),
    ("arrests\n| srt", &["sort "], &[]),
    ("arrests | count by borough\n| t", &["top ", "take ", "total"], &["count"]),
    // Columns and links.
    ("arrests | where ", &["borough", "line", "charges", "child"], &["drug_class", "arrests"]),
    ("charges | where charged", &["charged_on"], &["offence"]),
    ("charges | count by arr", &["arrest_id", "arrest"], &[]),
    ("charges | count by arrest.bor", &["borough"], &["offence"]),
    ("charges | count by bor", &["arrest.borough"], &["before(", "arrest.area.borough"]),
    ("charges | count by force", &["arrest.line.force"], &[]),
    ("charges | count by off", &["offence"], &["arrest.offence"]),
    ("charges | count by arrest.line.", &["name", "force", "arrests"], &["offence", "borough"]),
    ("charges | count by arrest.borough, off", &["offence", "offence_group"], &["charged_on"]),
    ("charges | count by offence | where ", &["offence", "count"], &["charge_id", "arrest"]),
    ("charges | select offence, charged_on | sort ", &["offence", "charged_on"], &["charge_id"]),
    ("charges | let late = charged_on | where la", &["late"], &[]),
    ("charges | drop ", &["offence"], &["arrest"]),
    ("charges | summarise n = count(), m = dis", &["distinct("], &["offence"]),
    ("charges | summarise ", &["people", "count(", "quantile("], &["weekday("]),
    ("charges | where of", &["offence"], &["where "]),
    ("charges | count by ", &["offence"], &["count("]),
    ("charges | count ", &["by"], &["and"]),
    ("charges | top 3 ", &["by"], &["kg"]),
    (
        "charges | where offence ",
        &["in", "contains", "is missing", "="],
        &["offence", "<", "and", "not contains"],
    ),
    ("charges | where charged_on ", &["in", "<", ">="], &["contains", "and", "to"]),
    ("arrests | where age ", &["<", "=", "in"], &["contains", "matches", "and"]),
    ("arrests | where child ", &["and", "or"], &["<", "contains"]),
    ("arrests | where age > 3 ", &["and", "or"], &["contains", "=", "kg"]),
    ("arrests | where borough = \"Camden\" ", &["and", "or"], &["=", "in"]),
    ("arrests | where borough in [\"Camden\"] ", &["and", "or"], &["=", "in"]),
    ("arrests | where borough is missing ", &["and", "or"], &["="]),
    ("arrests | where age is ", &["missing", "known"], &["borough"]),
    ("arrests | where borough not ", &["in"], &["borough"]),
    ("arrests | count by role ", &["| "], &["by", "and"]),
    ("charges | where charged_on in last week ", &["and", "| "], &["=", "in", "to"]),
    ("charges | where charged_on in 2023 ", &["and", "| "], &["=", "in"]),
    ("charges | let share ", &["="], &["and", "in"]),
    ("charges | top 3 ", &["by"], &["per"]),
    ("charges | compare charged_on ", &["in"], &["with"]),
    ("charges | where peop", &[], &["people"]),
    ("charges | where charged_on > ", &["today"], &[]),
    ("param w: period = 2023; charges | where charged_on in ", &["$w", "last week"], &[]),
    ("param a: integer = 2; arrests | where age > ", &["$a"], &[]),
    ("charges | where offence = ", &["\"possession of a controlled drug\""], &["offence", "charge_id"]),
    ("arrests", &["arrests | "], &[]),
    ("arrests ", &["| "], &["let"]),
    ("charges | top ", &["3 by "], &["offence"]),
    ("charges | compare ", &["charged_on"], &["offence"]),
    ("charges | count by offence | let share = ", &["share(", "offence"], &["sum(", "lower("]),
    // Inside an aggregate over a path.
    ("arrests | where any(charges where dr", &["drug_class"], &[]),
    ("arrests | where any(charges where ", &["offence", "this"], &["borough"]),
    ("seizures | let n = count(arrest.charges where charged_on - this.sei", &["seized_on"], &["seizures"]),
    ("arrests | summarise cash = sum(seizures.value where cat", &["category"], &[]),
    ("arrests | where any(charges where drug_class = \"A\") and bor", &["borough"], &[]),
    // Another query within.
    ("arrests | where person_id in (cha", &["charges"], &[]),
    ("arrests | where person_id in (charges | wh", &["where "], &[]),
    ("arrests | where person_id in (charges | where dr", &["drug_class"], &[]),
    ("arrests | append ", &["arrests", "drug_seizures"], &["borough"]),
    // Values.
    ("charges | where drug_class = ", &["\"A\"", "\"B\""], &[]),
    ("charges | where offence_group != \"dr", &["\"drug trafficking\""], &["\"weapons\""]),
    ("charges | where arrest.role = \"", &["\"runner\"", "\"line holder\""], &[]),
    ("charges | where drug_class in [\"A\", ", &["\"B\""], &["offence"]),
    ("charges | where drug_class not in ", &["[\"A\""], &[]),
    ("arrests | where borough = \"lamb", &["\"Lambeth\""], &["\"Camden\""]),
    ("arrests | count by borough | where borough = \"lamb", &["\"Lambeth\""], &[]),
    ("charges | count by town = arrest.borough | where town = \"lamb", &["\"Lambeth\""], &[]),
    ("charges | where arrest.borough in [\"Cam", &["\"Camden\""], &[]),
    ("arrests | where any(charges where offence_group = \"w", &["\"weapons\""], &[]),
    ("arrests | where child = ", &["true", "false"], &[]),
    ("charges | let kind = ", &["offence"], &["\"A\""]),
    // Units, periods, params.
    ("seizures | where weight > 5 ", &["kg", "oz"], &["ml", "tablets", "kilos"]),
    ("seizures | where weight > 5 kil", &["kilos"], &["ml"]),
    ("seizures | where value > 5 ", &["GBP"], &["kg"]),
    ("seizures | where tablets > 5 ", &["tablets"], &["kg"]),
    ("arrests | where arrested_at in ", &["last week", "2023-W41", "2023-Q3"], &["this"]),
    ("arrests | where arrested_at in last 4 ", &["weeks"], &["kg"]),
    ("arrests | where arrested_at in la", &["last week", "last 4 weeks"], &["this week"]),
    ("arrests | where arrested_at in this ", &["week", "month"], &["borough"]),
    ("weeks in 2023 | let n = count(arrests where arrested_at in ", &["this", "last week"], &[]),
    ("weeks in 2023 | let n = count(arr", &["arrests"], &[]),
    ("param week: period = 2023\narrests | where arrested_at in $", &["$week"], &["borough"]),
    ("seizures | summarise kg = sum(weight) to ", &["kg", "oz"], &["weight", "%", "ml", "kilos"]),
    ("seizures | where weight to ", &["kg"], &["GBP"]),
    ("charges | count by offence | let part = share(count per offence) to ", &["%"], &["kilos", "kg"]),
    ("arrests | where arrested_at in 2023-", &[], &["borough"]),
    ("arrests | where arrested_at in last ", &["week"], &[]),
    // What is wrong offers nothing, and nothing that is quoted is a name.
    ("nothing | where ", &[], &["borough", "arrests"]),
    ("arrests | where borough = \"x\" and \"bor", &[], &["borough"]),
    // Commands.
    (".des", &[".describe"], &["describe"]),
    (".describe arr", &["arrests"], &["charges"]),
    (".functions quan", &["quantile"], &[]),
    (".help key", &["keys"], &[]),
    (".set keys ", &["vi", "emacs"], &[]),
    (".format m", &["markdown"], &[]),
    (".explain charges | where dr", &["drug_class"], &[]),
];

#[test]
fn what_may_stand_there() {
    let session = session(Path::new("examples/county_lines"), &[]);
    let gathered = Gathered::default();
    let mut wrong = String::new();
    for (text, must, mustnt) in CASES {
        let found = offered(&session, &gathered, text);
        let lacks: Vec<_> = must.iter().filter(|word| !found.iter().any(|one| one == *word)).collect();
        let extra: Vec<_> = mustnt.iter().filter(|word| found.iter().any(|one| one == *word)).collect();
        if !lacks.is_empty() || !extra.is_empty() {
            wrong += &format!("{text:?}\n  lacks {lacks:?}, has {extra:?}, of {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_bar_goes_on_with_the_question_so_far() {
    let asked = ["param when: period = 2023-W41", "let drugs = seizures | where category = \"drugs\""];
    let asked = [asked[0], asked[1], "charges | count by arrest.borough, offence"];
    let session = session(Path::new("examples/county_lines"), &asked);
    let gathered = Gathered::default();
    let offered = |text: &str| offered(&session, &gathered, text);
    assert_eq!(offered("| where "), ["borough", "offence", "count"]);
    assert_eq!(offered("| top 3 by cou"), ["count", "count("]);
    assert_eq!(offered("it | where off"), ["offence"]);
    assert_eq!(offered("dru"), ["drug_seizures", "drugs"]);
    assert_eq!(offered("drugs | where wei"), ["weight"]);
    assert_eq!(offered("arrests | where arrested_at in $w"), ["$when"]);
    assert!(offered("").contains(&"it".to_string()));
}

#[test]
fn candidates_come_in_order_and_say_what_they_are() {
    let session = session(Path::new("examples/county_lines"), &[]);
    let gathered = Gathered::default();
    let known =
        Known { session: &session, gathered: &gathered, until: Instant::now() + Duration::from_secs(20) };
    let noted = |text: &str| {
        let (start, found) = complete(text, known);
        (start, found.into_iter().map(|one| (one.text, one.note)).collect::<Vec<_>>())
    };
    let pair = |text: &str, note: &str| (text.to_string(), note.to_string());
    assert_eq!(noted("charges | count by arr").1, [pair("arrest_id", "id"), pair("arrest", "→ arrests")]);
    assert_eq!(noted("arrests | where bor"), (16, vec![pair("borough", "text")]));
    // The quote is put anew.
    assert_eq!(noted("arrests | where borough = \"Lambe"), (26, vec![pair("\"Lambeth\"", "")]));
    assert_eq!(noted("seizures | let n = quan").1[0], pair("quantity", "number"));
    assert_eq!(noted("seizures | let n = quanti").1[1], pair("quantile(", "quantile(x, q [where …])"));
    assert_eq!(noted("arrests | where arrested_at in last w").1[0], pair("week", "2023-10-09..2023-10-15"));
    assert!(
        noted("arrests | where arrested_at in ").1.contains(&pair("last week", "2023-10-09..2023-10-15"))
    );
}

/// A table with undeclared, personal, oddly named and derived columns.
fn people(folder: &Path) {
    std::fs::write(folder.join("people.csv"), "name,Home Town,rank\nAda,Leeds,A\nBob,York,B\nAda,Leeds,A\n")
        .unwrap();
    let catalogue = "[tables.people]\nsource = \"people.csv\"\n[tables.people.columns]\n\
        name = { type = \"text\", personal = true }\nrank = { type = \"category\", values = [\"A\", \"B\"], personal = true }\n\
        [tables.people.derive]\nshort = 'left(name, 2)'\n";
    std::fs::write(folder.join("casebook.toml"), catalogue).unwrap();
}

#[test]
fn personal_values_are_never_offered() {
    let folder = tempfile::tempdir().unwrap();
    people(folder.path());
    let session = session(folder.path(), &[]);
    let gathered = Gathered::default();
    let offered = |text: &str| offered(&session, &gathered, text);
    assert_eq!(offered("people | where `Home Town` = \""), ["\"Leeds\"", "\"York\""]);
    assert_eq!(offered("people | where Ho"), ["`Home Town`", "hour("]);
    assert_eq!(offered("people | where `Ho")[0], "`Home Town`");
    for column in ["name", "rank", "short"] {
        assert_eq!(offered(&format!("people | where {column} = \"")), [""; 0], "{column}");
        assert_eq!(offered(&format!("people | where {column} in [\"")), [""; 0], "{column}");
        assert_eq!(offered(&format!("people | let x = {column} | where x = \"")), [""; 0], "{column}");
        assert_eq!(offered(&format!("people | rename x = {column} | where x = \"")), [""; 0], "{column}");
        assert_eq!(
            offered(&format!("people | count by {column} | where {column} = \"")),
            [""; 0],
            "{column}"
        );
        assert_eq!(offered(&format!("people | count by x = {column} | where x = \"")), [""; 0], "{column}");
        // Under the name of one that may be shown.
        let renamed =
            format!("people | drop `Home Town` | rename `Home Town` = {column} | where `Home Town` = \"");
        assert!(
            offered(&renamed).iter().all(|value| !value.contains("Ad") && !value.contains("Bo")),
            "{column}"
        );
    }
}

/// A list of a personal column's values is personal, and so is another name for the same heading.
#[test]
fn personal_marks_are_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.csv"), "name,town\nAda,Leeds\nBob,York\n").unwrap();
    std::fs::write(folder.path().join("visits.csv"), "id,who,place\n1,Ada,Leeds\n").unwrap();
    let catalogue = "[tables.people]\nsource = \"people.csv\"\n[tables.people.columns]\n\
        name = { type = \"text\", personal = true }\nnick = { type = \"text\", from = \"name\" }\n\
        [tables.visits]\nsource = \"visits.csv\"\n[tables.visits.columns]\n\
        who = { type = \"category\", values_from = \"people.name\" }\n\
        place = { type = \"category\", values_from = \"people.town\" }\n";
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let session = session(folder.path(), &[]);
    let gathered = Gathered::default();
    let offered = |text: &str| offered(&session, &gathered, text);
    assert_eq!(offered("visits | where place = \""), ["\"Leeds\"", "\"York\""]);
    for question in [
        "visits | where who = \"",
        "visits | let x = if id = 1 then who else missing | where x = \"",
        "people | where nick = \"",
        "people | count by nick | where nick in [\"",
    ] {
        assert_eq!(offered(question), [""; 0], "{question}");
    }
}

#[test]
fn any_beginning_of_a_question_has_an_answer_in_time() {
    let session = session(Path::new("examples/county_lines"), &["charges | count by offence"]);
    let gathered = Gathered::default();
    let names = Names::of(&session);
    let texts = [
        "weeks in 2023 | let n = count(arrests where arrested_at in this and borough in [\"Camden\", 'x']) to %",
        "let a = (charges | where é = `Home Town`;\n# x\n| top 3 by -count( ) per $week with other] | join many (x) as y on",
        ".set keys vi",
    ];
    for text in texts {
        for (end, _) in text.char_indices() {
            let known = Known {
                session: &session,
                gathered: &gathered,
                until: Instant::now() + Duration::from_millis(3),
            };
            let start = Instant::now();
            complete(&text[..end], known);
            assert!(start.elapsed() < Duration::from_millis(500), "{:?}", &text[..end]);
            let painted = paint(&text[..end], end, &names);
            let mut plain = String::new();
            for (at, part) in painted.split('\u{1b}').enumerate() {
                plain += if at == 0 { part } else { part.split_once('m').unwrap().1 };
            }
            assert_eq!(plain, text[..end]);
        }
    }
}

#[test]
fn names_nobody_knows_are_underlined() {
    let session = session(Path::new("examples/county_lines"), &[]);
    let names = Names::of(&session);
    let unknown = |text: &str| -> Vec<String> {
        let painted = paint(text, 0, &names);
        painted
            .split("\u{1b}[4;31m")
            .skip(1)
            .map(|part| part.split('\u{1b}').next().unwrap().to_string())
            .collect()
    };
    for fine in [
        "arrests | where borough = \"x\" and arrested_at in last 4 weeks | top 3 by age per borough with other",
        "charges | count by arrest.borough, month(charged_on) | sort -count | let share = share(count) to %",
        "let a = arrests | where role is missing\na | summarise kg = sum(seizures.weight) to kg | where kg > 5 oz",
        "weeks in 2023 | let n = count(arrests where arrested_at in this) | sort start",
        "seizures | summarise sum(value) by category | top 3 by sum_value",
        "drug_seizures | take 3",
        "arrests | compare arrested_at in 2023-W41 with same period last year | count by borough | sort -change",
    ] {
        assert_eq!(unknown(fine), [""; 0], "{fine}");
    }
    assert_eq!(unknown("arests | count"), ["arests"]);
    assert_eq!(unknown("arrests | cout by borough"), ["cout"]);
    assert_eq!(unknown("arrests | count by burough, arrest.x"), ["burough", "x"]);
    assert_eq!(unknown("borough | count"), ["borough"]);
    assert_eq!(unknown(".descripe arrests"), [".descripe"]);
    // What is still being typed may become right.
    assert!(!paint("arrests | count by bor", 22, &names).contains("4;31"));
    assert!(paint("arrests | count by borx", 23, &names).contains("4;31"));
}
