//! The syntax: what reads as what, where statements end, and what is said of mistakes. Trees are
//! compared in a short notation of brackets, see [`notation`].

use std::time::{Duration, Instant};

use casebook::syntax::ast::{Query, StageKind, Statement};
use casebook::syntax::{is_complete, parse, parse_expression};

#[path = "syntax/layout.rs"]
mod layout;
#[path = "syntax/notation.rs"]
mod notation;
use notation::{join, key, shown};

/// The one query of `source`, which has no mistake.
fn query(source: &str) -> Query {
    let (program, found) = parse(source);
    assert!(found.is_empty(), "{source}: {found:#?}");
    match program.statements.as_slice() {
        [Statement::Query(query)] => query.clone(),
        other => panic!("{source}: {other:#?}"),
    }
}

fn codes(source: &str) -> Vec<&'static str> {
    parse(source).1.iter().map(|mistake| mistake.code).collect()
}

/// The messages and help of all mistakes, joined.
fn said(source: &str) -> String {
    let lines = |mistake: casebook::diagnostic::Diagnostic| {
        let labels: Vec<String> = mistake.labels.into_iter().map(|label| label.text).collect();
        [vec![mistake.message], labels, mistake.help].concat().join("\n")
    };
    parse(source).1.into_iter().map(lines).collect::<Vec<_>>().join("\n")
}

fn read(source: &str) -> String {
    match parse_expression(source) {
        Ok(expr) => shown(&expr),
        Err(found) => panic!("{source}: {found:#?}"),
    }
}

#[test]
fn operators_bind_as_the_reference_says() {
    let cases = [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c", "((a / b) * c)"),
        ("-a * b", "((- a) * b)"),
        ("- - a", "(- (- a))"),
        ("a ?? b + c", "(a ?? (b + c))"),
        ("a ?? 0 > 3", "((a ?? 0) > 3)"),
        ("not a = b and c or d", "(((not (a = b)) and c) or d)"),
        ("a or b and c", "(a or (b and c))"),
        ("not not a", "(not (not a))"),
        ("a = b and c != d", "((a = b) and (c != d))"),
        ("a not in [1, 2] and b", "((a not in [1, 2]) and b)"),
        ("a is missing or b is known", "((a is missing) or (b is known))"),
        ("a starts with \"x\" and b ends with \"y\"", "((a starts with \"x\") and (b ends with \"y\"))"),
        ("a contains b + c", "(a contains (b + c))"),
        ("sum(weight) / count() to kg", "((sum(weight) / count()) to <kg>)"),
        ("a or b to %", "((a or b) to <%>)"),
        ("x to us fl oz", "(x to <us fl oz>)"),
        ("x to £/g", "(x to <£/g>)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("x in a - 1..b + 2 days", "(x in ((a - 1) .. (b + 2<days>)))"),
        ("d in this.start - 11 months..this.end", "(d in ((this.start - 11<months>) .. this.end))"),
        ("x in (0..2)", "(x in (0 .. 2))"),
        ("if a then 1 else 2 + 3", "(if a then 1 else (2 + 3))"),
        ("if a then b else if c then d else e", "(if a then b else (if c then d else e))"),
        ("if a then b else c to kg", "((if a then b else c) to <kg>)"),
    ];
    for (source, tree) in cases {
        assert_eq!(read(source), tree, "{source}");
    }
}

#[test]
fn literals_are_single_tokens() {
    let cases = [
        ("1_000", "1000"),
        ("0.5", "0.5"),
        ("20%", "20%"),
        ("\"it's\"", "\"it's\""),
        ("'it''s'", "\"it's\""),
        ("\"a \"\"b\"\"\"", "\"a \\\"b\\\"\""),
        ("2023-10-09", "@2023-10-09"),
        ("2023-10", "@2023-10"),
        ("2023 - 10", "(2023 - 10)"),
        ("2023-Q4", "@2023-Q4"),
        ("2023-W41", "@2023-W41"),
        ("2023-10-09T14:30", "@2023-10-09T14:30"),
        ("2023-10-09T14:30:05", "@2023-10-09T14:30:05"),
        ("2023-100", "(2023 - 100)"),
        ("0..2", "(0 .. 2)"),
        ("2023-10-09..2023-10-15", "(@2023-10-09 .. @2023-10-15)"),
        ("2022..2023", "(2022 .. 2023)"),
        ("£200", "£200"),
        ("£1.5m", "£1.5m"),
        ("£2bn", "£2bn"),
        ("$20", "$20"),
        ("$week", "$week"),
        ("€3k", "€3k"),
        ("£214,568", "£214568"),
        ("[£1,200, £1, £1,20]", "[£1200, £1, £1, 20]"),
        ("7.6 kg", "7.6<kg>"),
        ("7.6kg", "7.6<kg>"),
        ("2 us fl oz", "2<us fl oz>"),
        ("1 imperial gal", "1<imperial gal>"),
        ("1 fl oz + 1 oz", "(1<fl oz> + 1<oz>)"),
        ("12 tablets", "12<tablets>"),
        ("200 GBP", "200<GBP>"),
        ("0 days..2 days", "(0<days> .. 2<days>)"),
        ("`Arrest Date`", "Arrest Date"),
        ("straße.größe_2", "straße.größe_2"),
        ("true = false", "(true = false)"),
        ("since 2019-11", "(since @2019-11)"),
        ("until this.end + 1 day", "(until (this.end + 1<day>))"),
        ("week of 2023-10-09", "(week of @2023-10-09)"),
        ("month of today - 7 days", "(month of (today - 7<days>))"),
        ("fy of 2023-10-09", "(fy of @2023-10-09)"),
        ("fy 2023", "(fy 2023)"),
        ("fy 2022..fy 2023", "((fy 2022) .. (fy 2023))"),
        ("x in this week", "(x in (this week))"),
        ("x not in last 4 weeks and y", "((x not in (last 4 weeks)) and y)"),
        ("next 1 day..next month", "((next 1 day) .. (next month))"),
        ("since last month", "(since (last month))"),
        ("x in year to date", "(x in (year to date))"),
        ("month(x) = fy to date", "(month(x) = (fy to date))"),
        ("today + 3 months", "(today + 3<months>)"),
    ];
    for (source, tree) in cases {
        assert_eq!(read(source), tree, "{source}");
    }
}

#[test]
fn words_are_reserved_only_where_they_can_stand() {
    let cases = [
        ("count", "count"),
        ("count + count()", "(count + count())"),
        ("if = 3", "(if = 3)"),
        ("since = 3", "(since = 3)"),
        ("week + 1", "(week + 1)"),
        ("last = next", "(last = next)"),
        ("this.x in this", "(this.x in this)"),
        ("fy - 1", "(fy - 1)"),
        ("year to kg", "(year to <kg>)"),
        ("by = per", "(by = per)"),
        ("sum(each)", "sum(each)"),
        ("sum(where)", "sum(where)"),
        ("sum(over, per)", "sum(over, per)"),
        ("arrest.where", "arrest.where"),
        ("`not` = 1", "(not = 1)"),
        ("`missing` is missing", "(missing is missing)"),
    ];
    for (source, tree) in cases {
        assert_eq!(read(source), tree, "{source}");
    }
    query("count | count by count | sort sort | where top > 3");
    query("`by` | count");
    query(
        "a | total total, join | distinct count | fill fill, sample with with | fill in in 2023 | total | count",
    );
    query("a | join many on x = y | join many many as many on many.x = x | drop join, append | distinct");
    query("a | compare with in 2023 with with | pivot pivot using total | unpivot fill, in into into, value");
    query("fill | fill fill | except (except | append join) | describe | sample 10 seed 5");
}

#[test]
fn one_form_of_call() {
    let cases = [
        ("count(where drug_class = \"A\")", "count(where (drug_class = \"A\"))"),
        ("sum(value where category = \"cash\")", "sum(value; where (category = \"cash\"))"),
        ("quantile(age, 0.9 where role = \"runner\")", "quantile(age, 0.9; where (role = \"runner\"))"),
        ("n / sum(n per borough)", "(n / sum(n; per borough))"),
        ("rank(-n per borough)", "rank((- n); per borough)"),
        ("running(n per borough sorted by week)", "running(n; per borough; sorted week)"),
        ("before(n sorted by -week, day)", "before(n; sorted down week, day)"),
        ("mean(n per b sorted by week over 4 rows)", "mean(n; per b; sorted week; over 4 rows)"),
        ("mean(n over 4 rows before)", "mean(n; over 4 rows before)"),
        (
            "count(per person_id over 90 days of arrested_at)",
            "count(per person_id; over 90<days> of arrested_at)",
        ),
        (
            "mean(each arrest.age where x per m = month(d))",
            "mean(arrest.age; each; where x; per m: month(d))",
        ),
        ("people / total(people) to %", "((people / total(people)) to <%>)"),
        ("round(x, 5)", "round(x, 5)"),
    ];
    for (source, tree) in cases {
        assert_eq!(read(source), tree, "{source}");
    }
}

#[test]
fn every_stage() {
    let stages = query(
        "arrests | where a = 1 | let x = 2, `y z` = 3 | select a, b = c | drop a, b | rename x = y, z = w
         | summarise n = count(), sum(v) by k, m = month(d) | summarize count() | count | count by a, b
         | sort -a, b | take 5 | take 5 per a, b | top 3 by -n per k | distinct | distinct a, b
         | top 3 by n with other | pivot k | pivot k using m = n + 1 | unpivot a, b into k, v
         | fill a, b | fill a in 2023-10 with 0 | compare a.b in 2023-10 with previous
         | compare d in a..b with same period last year | compare d in this_one with that | total | total a, b
         | append other | except (other | take 3 | count) | join other on a = b
         | join many (other | where (x) > 3) as o on a = b and c in (d | select e) | describe
         | sample 10 | sample 10 seed 5 | count",
    )
    .stages;
    let words: Vec<String> = stages.iter().map(notation::stage).collect();
    let expected = [
        "where (a = 1)",
        "let x: 2, y z: 3",
        "select a, b: c",
        "drop a, b",
        "rename x: y, z: w",
        "summarise n: count(), sum(v) by k, m: month(d)",
        "summarise count() by ",
        "count by ",
        "count by a, b",
        "sort down a, b",
        "take 5 per ",
        "take 5 per a, b",
        "top 3 by down n per k",
        "distinct ",
        "distinct a, b",
        "top 3 by n per  with other",
        "pivot k using ",
        "pivot k using m: (n + 1)",
        "unpivot a, b into k: v",
        "fill a, b in  with ",
        "fill a in @2023-10 with 0",
        "compare a.b in @2023-10 with previous",
        "compare d in (a .. b) with last year",
        "compare d in this_one with that",
        "total ",
        "total a, b",
        "append other: 0 stages",
        "except other: 2 stages",
        "join other: 0 stages as  on (a = b)",
        "join many other: 1 stages as o on ((a = b) and (c in d: 1 stages))",
        "describe",
        "sample 10 seed ",
        "sample 10 seed 5",
        "count by ",
    ];
    assert_eq!(words, expected);
}

#[test]
fn a_statement_ends_where_nothing_goes_on() {
    let cases = [
        ("arrests\ncharges", 2),
        ("arrests; charges;; seizures;", 3),
        ("arrests | count\n\ncharges | count", 2),
        ("arrests\n| where a\n\n# why\n| count", 1),
        ("arrests |\ncount", 1),
        ("arrests | where a =\n 3", 1),
        ("arrests | where a and\n b", 1),
        ("arrests | where a\n and b\n or c", 1),
        ("arrests | where a\n = 3", 1),
        ("arrests | where a\n - 3 > 0", 1),
        ("arrests | where a starts\n with \"x\"", 1),
        ("arrests | where a\n contains \"x\"", 1),
        ("arrests | where a starts with\n \"x\"", 1),
        ("arrests | where a is\n missing", 1),
        ("arrests | where a\n in 1..\n 3", 1),
        ("arrests | where not\n a", 1),
        ("arrests | count\n by a,\n b\ncharges", 2),
        ("arrests | take 5\n per a", 1),
        ("arrests | let x = if a\n then 1\n else 2", 1),
        ("arrests | let x = sum(\n a\n where b\n)\ncharges", 2),
        ("arrests | where a in [\n\"x\",\n\n\"y\"\n]", 1),
        ("arrests | let x = a ??\n b", 1),
        ("arrests | select contains\ncharges", 2),
        ("arrests | count by matches\ncharges", 2),
        ("arrests\r\n| count\r\ncharges\r\n", 2),
        ("param w: period = 2023-10-09..2023-10-15\nlet s = charges | where a\ns | count", 3),
    ];
    for (source, count) in cases {
        let (program, found) = parse(source);
        assert!(found.is_empty(), "{source}: {found:#?}");
        assert_eq!(program.statements.len(), count, "{source}");
    }
}

#[test]
fn titles_are_the_comments_right_above() {
    let title = |source: &str| query(source).title;
    assert_eq!(title("# Arrests \n#  by borough\narrests | count"), Some("Arrests by borough".to_string()));
    assert_eq!(title("# far\n\narrests"), None);
    assert_eq!(title("# far\n\n# near\narrests"), Some("near".to_string()));
    assert_eq!(title("arrests # beside"), None);
    assert_eq!(title("# top\narrests\n# inside\n| count"), Some("top".to_string()));
    let (program, _) = parse("charges # beside\narrests");
    assert!(matches!(program.statements.last(), Some(Statement::Query(query)) if query.title.is_none()));
}

#[test]
fn definitions() {
    let (program, found) =
        parse("param week: period = 2023-10-09..2023-10-15\nparam who: text\nlet a = b | count");
    assert!(found.is_empty(), "{found:#?}");
    match program.statements.as_slice() {
        [Statement::Param(week), Statement::Param(who), Statement::Let(a)] => {
            assert_eq!((week.name.text.as_str(), week.ty.text.as_str()), ("week", "period"));
            assert_eq!(week.default.as_ref().map(shown), Some("(@2023-10-09 .. @2023-10-15)".to_string()));
            assert_eq!((who.ty.text.as_str(), who.default.is_none()), ("text", true));
            assert_eq!((a.name.text.as_str(), a.query.stages.len()), ("a", 1));
        }
        other => panic!("{other:#?}"),
    }
    query("param | count");
    query("let | count");
}

#[test]
fn spans_cover_what_they_are_of() {
    let source = "  arrests | where (a) = \"é\" and b\n| count by c = d ";
    let query = query(source);
    let text = |span: casebook::syntax::Span| source.get(span.start..span.end).unwrap_or("?");
    assert_eq!(text(query.span), source.trim());
    let stages: Vec<&str> = query.stages.iter().map(|stage| text(stage.span)).collect();
    assert_eq!(stages, ["where (a) = \"é\" and b", "count by c = d"]);
    match query.stages.first().map(|stage| &stage.kind) {
        Some(StageKind::Where(test)) => assert_eq!(text(test.span), "(a) = \"é\" and b"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_run_reports_every_mistake_and_no_echo() {
    let cases: [(&str, &[&str]); 25] = [
        ("arrests | where x = | sort y | take", &["syntax-expected"; 2]),
        ("arrests | where x = {1} | count by", &["syntax-character", "syntax-expected"]),
        ("arrests | where x = 'it's' | count by", &["syntax-string", "syntax-expected"]),
        ("arrests | where any(charges | where x)", &["syntax-expected"]),
        ("arrests | wher x = 1 | srot y | count by", &["name-stage", "name-stage", "syntax-expected"]),
        ("arrests | frobnicate (a | b) c | count", &["name-stage"]),
        ("arrests | where (x = 1\ncharges | count by", &["syntax-bracket", "syntax-expected"]),
        ("arrests | where any(charges where (a\ncharges | where [1, 2) in x", &["syntax-bracket"; 2]),
        ("arrests | where x = \"abc\ncharges | count", &["syntax-string"]),
        ("arrests | where count(where x = 'A) > 3", &["syntax-string"]),
        ("arrests | let `a b = 3", &["syntax-string"]),
        ("arrests | where a = b) | count", &["syntax-bracket"]),
        ("arrests | where a ~ b | count by", &["syntax-character", "syntax-expected"]),
        ("arrests | where a = 1 = 2", &["syntax-expected"]),
        ("arrests | where x in [1, ", &["syntax-bracket"]),
        ("arrests | where (", &["syntax-bracket"]),
        ("arrests where x", &["syntax-expected"]),
        ("arrests | take 5 sort x", &["syntax-expected"]),
        ("arrests | where a, b | let 3 | top 5 n", &["syntax-expected"; 3]),
        ("let s = | where x\ns | count", &["syntax-expected"]),
        ("param w = 3\narrests", &["syntax-expected"]),
        ("5\n| where x\narrests | sort", &["syntax-expected"; 2]),
        ("", &["syntax-empty"]),
        (" \n# only\n\n", &["syntax-empty"]),
        (";", &["syntax-empty"]),
    ];
    for (source, expected) in cases {
        assert_eq!(codes(source), expected, "{source}: {:#?}", parse(source).1);
    }
}

#[test]
fn broken_stages_leave_the_others_in_place() {
    let (program, _) = parse("arrests | where = | cuont by x | paint a | take 3");
    let [Statement::Query(query)] = program.statements.as_slice() else { panic!("{program:#?}") };
    let kinds: Vec<&StageKind> = query.stages.iter().map(|stage| &stage.kind).collect();
    assert!(
        matches!(
            kinds.as_slice(),
            [StageKind::Broken, StageKind::Count { .. }, StageKind::Broken, StageKind::Take { .. }]
        ),
        "{kinds:#?}"
    );
    // A definition that is broken still defines its name.
    let (program, _) = parse("let s =\nparam p = 3");
    assert!(!program.statements.is_empty());
}

#[test]
fn messages_show_the_way() {
    let cases = [
        ("arrests | where x =", "a value is missing after `=`"),
        ("arrests where x", "stages are joined with `|`"),
        ("arrests | wher x", "did you mean `where`?"),
        ("arrests | plot x", "the stages are where, let,"),
        ("count by borough", "a question starts with a table"),
        ("arrests | where a = 1 = 2", "comparisons don't chain"),
        ("arrests | where a, b", "join two with `and`"),
        ("arrests | let x + 1", "`let NAME = x + 1`"),
        ("arrests | where if a then b", "which every `if` needs"),
        ("arrests | where d = 2023-1-9", "`2023-01-09`"),
        ("arrests | where x = .5", "`0.5`"),
        ("arrests | where d in last 7", "`last 7` of what?"),
        ("arrests | where d in last 7 hours", "whole days"),
        ("arrests | where d in last 3 moons", "`moons` is no unit"),
        ("arrests | where d in past 7 days", "write `last`"),
        ("arrests | where d in current month", "write `this`"),
        ("arrests | where d in last week of 2023", "`week of 2023-10-09`"),
        ("arrests | where d in fy 2023/24", "write `fy 2023`"),
        ("arrests | where d in fy 2023-24", "write `fy 2023`"),
        ("arrests | where d in FY 2023", "write `fy`"),
        ("arrests | where x = 'it's'", "write 'it''s'"),
        ("arrests | where any(charges | where x)", "`any(charges where …)`"),
        ("arrests |> count", "write `|`"),
        ("arrests | where x == 1", "write `=`"),
        ("arrests | where x <> 1", "write `!=`"),
        ("arrests | where x && y", "write `and`"),
        ("arrests | where x || y", "write `or`"),
        ("arrests | where !x", "write `not`"),
        ("arrests | where x % 2 = 0", "mod(a, b)"),
        ("arrests | where x = “Lambeth”", "write straight ones: \"Lambeth\""),
        ("arrests | WHERE x", "write `where`"),
        ("arrests | GROUP BY x", "`count by x`"),
        ("arrests | ORDER BY x", "write `sort`"),
        ("arrests | LIMIT 10", "write `take`"),
        ("arrests | sort x DESC", "write `-x`"),
        ("arrests | summarise COUNT(*)", "write `count()`"),
        ("arrests | summarise count() AS n", "write `n = count()`"),
        ("SELECT a FROM arrests WHERE b", "`arrests | where … | select …`"),
        ("arrests | where x IS NOT NULL", "`is known`"),
        ("arrests | where x like 'a%'", "`contains`"),
        ("arrests | where x between 1 and 2", "x in a..b"),
        ("arrests | where x in ('a', 'b')", "square brackets"),
        ("arrests | where x not contains 'a'", "not x contains"),
    ];
    for (source, words) in cases {
        let all = said(source);
        assert!(all.contains(words), "{source}:\n{all}");
        assert_eq!(parse(source).1.len(), 1, "{source}:\n{all}");
    }
}

#[test]
fn habits_of_sql_are_read_as_meant() {
    let source = "arrests | WHERE a == 1 AND b IS NULL || c BETWEEN 1 AND 2 | ORDER BY a DESC";
    let (program, _) = parse(source);
    let [Statement::Query(query)] = program.statements.as_slice() else { panic!("{program:#?}") };
    match query.stages.as_slice() {
        [filter, sort] => {
            assert!(
                matches!(&filter.kind, StageKind::Where(test)
                    if shown(test) == "(((a = 1) and (b is missing)) or (c in (1 .. 2)))"),
                "{filter:#?}"
            );
            assert!(matches!(&sort.kind, StageKind::Sort(keys) if join(keys, key) == "down a"), "{sort:#?}");
        }
        other => panic!("{other:#?}"),
    }
}

/// 2.1's and 2.5's examples, as far as their stages are built.
#[test]
fn the_designs_examples_parse() {
    let examples = [
        "param week: period = 2023-10-09..2023-10-15          # a value given on the command line
let supply = charges | where offence_group = \"drug trafficking\"   # a named query

supply
| where charged_on in $week
| summarise people  = distinct(person_id),
            charges = count(),
            class_a = count(where drug_class = \"A\")",
        "charges  | count by arrest.borough                           # to-one",
        "arrests  | where no(charges)",
        "arrests  | where any(charges where charged_on - arrest.arrested_at <= 2 days)",
        "incidents | let kg = sum(property.drugs.weight) to kg",
        "arrests  | summarise cash = sum(seizures.value where category = \"cash\"), charges = count(charges) by borough",
        "arrests  | summarise arrests = count(), charged = count(where any(charges)) by borough",
        "charges  | summarise charges = count(), arrests = count(arrest), age = mean(arrest.age) by offence",
        "charges  | summarise typical = median(charged_on - arrest.arrested_at) by offence",
        "seizures | let near = count(arrest.charges where charged_on - this.seized_on <= 14 days)",
        "arrests | where arrested_at in 2023-10 and min(person.arrests.arrested_at) in 2023-10",
        "safeguarding | where age < 18 | let referred = any(person.referrals where date - this.date in 0 days..28 days)",
        "incidents | where any(offences where type.code = \"35A\") and no(arrestees) | count",
        "arrests | where count(per person_id over 90 days of arrested_at) >= 3 | summarise people = distinct(person_id) by borough",
        "seizures | where category = \"cash\" | summarise cash = sum(value) by day = day(seized_on) | let so_far = running(cash sorted by day)",
        "arrests | count by band = bucket(age, 0, 18, 25, 40), role | let pct = share(count per band) to % | drop count",
    ];
    for source in examples {
        assert_eq!(codes(source), [""; 0], "{source}: {:#?}", parse(source).1);
    }
}

#[test]
fn lone_expressions() {
    assert_eq!(read("offence_group = \"drug trafficking\""), "(offence_group = \"drug trafficking\")");
    assert_eq!(read("a\n + b\n\n c".trim_end_matches(" c")), "(a + b)");
    for wrong in ["", "# nothing", "a b", "a;b", "a |", "(a", "count by x"] {
        assert!(parse_expression(wrong).is_err_and(|found| found.len() == 1), "{wrong}");
    }
}

#[test]
fn the_prompt_waits_where_a_text_goes_on() {
    let open = [
        "arrests |",
        "arrests | where (a",
        "arrests | where a =",
        "arrests | select a,",
        "arrests | where",
        "arrests | count by",
        "arrests | summarise",
        "arrests | top 3 by n per",
        "# a title",
    ];
    for source in open {
        assert!(!is_complete(source), "{source}");
    }
    let whole = [
        "",
        "arrests",
        "arrests | count",
        "arrests | sort by",
        "arrests | count)",
        "# a title\narrests",
        "a | where x = \"b",
        "a | where (x = \"b",
        "arrests;",
    ];
    for source in whole {
        assert!(is_complete(source), "{source}");
    }
}

#[test]
fn a_word_that_wants_more_goes_on_in_the_next_line() {
    for source in
        ["a\n| summarise\n    n = count(),\n    m = max(x)\n  by\n    y", "a | count by\n\nx\n| sort\n-n"]
    {
        assert_eq!(codes(source), [""; 0], "{source}");
        assert_eq!(parse(source).0.statements.len(), 1, "{source}");
    }
    // A column may be called so, and some stages need no more.
    for source in [
        "a | where not on\nb",
        "a | where t contains by\nb",
        "a | where not below\nb | count",
        "a | sort by\nb | count",
        "a | select x, where\nb",
        "a | distinct\nb | total\nc",
    ] {
        let expected = source.lines().count();
        assert_eq!(parse(source).0.statements.len(), expected, "{source}");
    }
}

fn quickly(source: &str, expected: &[&str]) {
    let start = Instant::now();
    let found: Vec<&str> = codes(source);
    let took = start.elapsed();
    let head: String = source.chars().take(40).collect();
    assert!(found == expected, "{head}: {:?}", found.get(..found.len().min(10)));
    assert!(took < Duration::from_secs(2), "{head} took {took:?}");
}

#[test]
fn depth_has_an_end() {
    let n = 10_000;
    let brackets = |n: usize| format!("a | where {}x{}", "(".repeat(n), ")".repeat(n));
    let lists = |n: usize| format!("a | where {}{}", "[".repeat(n), "]".repeat(n));
    quickly(&brackets(200), &[]);
    quickly(&brackets(256), &[]);
    quickly(&lists(256), &[]);
    quickly(&format!("a | where {}x{}", "f(".repeat(256), ")".repeat(256)), &[]);
    quickly(&format!("a | where {}x", "not ".repeat(256)), &[]);
    quickly(&format!("a | where {}y", "if x then 1 else ".repeat(256)), &[]);
    quickly(&format!("a | where x = 1{}", " or x = 1".repeat(990)), &[]);
    quickly(&brackets(257), &["syntax-depth"]);
    quickly(&brackets(n), &["syntax-depth"]);
    quickly(&lists(n), &["syntax-depth"]);
    quickly(&format!("a | where {}", "(".repeat(n)), &["syntax-depth", "syntax-bracket"]);
    quickly(&format!("a | where x{}", ")".repeat(n)), &["syntax-bracket"]);
    quickly(&format!("a | where {}x", "not ".repeat(n)), &["syntax-depth"]);
    assert!(codes(&format!("a | where {}x", "NOT ".repeat(n))).contains(&"syntax-depth"));
    quickly(&format!("a | where {}x", "- ".repeat(n)), &["syntax-depth"]);
    quickly(&format!("a | where {}y", "if x then 1 else ".repeat(n)), &["syntax-depth"]);
    quickly(&format!("a | where {}y", "since ".repeat(n)), &["syntax-depth"]);
    quickly(&format!("a | where x{}", " + a".repeat(100_000)), &["syntax-depth"]);
    // Chains inside brackets lean on one another.
    let mut leaning = "x".to_string();
    for _ in 0..20 {
        leaning = format!("({leaning}{})", " + a".repeat(100));
    }
    quickly(&format!("a | where {leaning}"), &["syntax-depth"]);
    quickly(&format!("a | where x in [0{}]", ", 1 + 1".repeat(20_000)), &[]);
    quickly(&format!("a{}", " | where x".repeat(20_000)), &[]);
    quickly(&"a | where (x\n".repeat(5_000), &["syntax-bracket"; 5_000]);
}

/// No text makes the parser panic: every prefix of some long question, and every byte of it left out.
#[test]
fn half_questions_are_only_mistakes() {
    let source = "# t\nparam w: period = 2023-Q4\nlet s = a | let x = if b then £1.5m else 'é'\n\
                  s | where d in last 4 weeks or e in fy 2023..year to date | where x in [1, 2 kg] and not `y z`.q is missing | top 3 by -sum(each v where k = 20% per m \
                  sorted by -n over 4 rows before) to us fl oz per z\n";
    for (at, c) in source.char_indices() {
        parse(&source[..at]);
        is_complete(&source[..at]);
        let _ = parse_expression(&source[at..]);
        let _ = parse(&format!("{}{}", &source[..at], &source[at + c.len_utf8()..]));
    }
}
