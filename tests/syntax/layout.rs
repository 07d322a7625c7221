//! `casebook fmt`: what a text looks like in its layout, case by case.

use casebook::syntax::{format, same_meaning};

/// The layout of `source` is `tidy`, and so is that of `tidy`.
fn lays_out(source: &str, tidy: &str) {
    let got = format(source).unwrap_or_else(|found| panic!("{source}: {found:#?}"));
    assert_eq!(got, tidy, "{source}");
    assert_eq!(format(tidy).as_deref(), Ok(tidy));
    assert!(same_meaning(source, tidy), "{source}");
}

/// The one line of `source` becomes this line.
fn line(source: &str, tidy: &str) {
    lays_out(&format!("a | where {source}"), &format!("a | where {tidy}\n"));
}

#[test]
fn brackets_stand_where_they_matter() {
    let cases = [
        ("((x))", "x"),
        ("(a * b) + (c)", "a * b + c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("-(-a)", "-(-a)"),
        ("-(a + b)", "-(a + b)"),
        ("not (a = b)", "not a = b"),
        ("not (a and b)", "not (a and b)"),
        ("(a = b) = c", "(a = b) = c"),
        ("a or b and c", "a or (b and c)"),
        ("a and (b and c) or d", "(a and (b and c)) or d"),
        ("(a or b) and c", "(a or b) and c"),
        ("x in (since 2023)", "x in since 2023"),
        ("since (-1) = x", "since (-1) = x"),
        ("(since a) + 1 = x", "(since a) + 1 = x"),
        ("x in ((b | count))", "x in (b | count)"),
        ("x in (0..2)", "x in 0..2"),
        ("(a to kg) + 1 = 2", "(a to kg) + 1 = 2"),
        ("(if a then b else c) = 3", "(if a then b else c) = 3"),
        ("if (if a then b else c) then (d to kg) else e", "if (if a then b else c) then (d to kg) else e"),
        ("a ?? (b ?? c)", "a ?? (b ?? c)"),
    ];
    for (source, tidy) in cases {
        line(source, tidy);
    }
    lays_out("a|sort -(x), -(x+y), (-x)+y, (-x)", "a | sort -x, -(x + y), (-x + y), (-x)\n");
    lays_out("a|count by (b) = c, d = (e = f), g = h < 2", "a | count by (b = c), d = (e = f), g = h < 2\n");
    lays_out("a|append (b)|append (b|count)", "a | append b | append (b | count)\n");
}

#[test]
fn literals_stay_as_they_were_written() {
    line("x in [1_000,0.50 ,20%, 'it''s',\"a\"]", "x in [1_000, 0.50, 20%, 'it''s', \"a\"]");
    line("x=£1,500.0or y=7.60kg or z = 2  us fl   oz", "x = £1,500.0 or y = 7.60 kg or z = 2 us fl oz");
    line("x to £ / g", "x to £/g");
    line(
        "d in 2023-10-09 .. 2023-10-15 and e=2023-10-09T14:30",
        "d in 2023-10-09..2023-10-15 and e = 2023-10-09T14:30",
    );
}

#[test]
fn names_have_the_backticks_that_they_need() {
    line("`age` = 3", "age = 3");
    line("`Arrest Date` = `2023` and `week` = `not`", "`Arrest Date` = `2023` and `week` = `not`");
    // A word that hung on its brackets.
    line("(if) - 3 = x", "`if` - 3 = x");
    line("(count) - 3 = x", "count - 3 = x");
    lays_out("a|drop x, not; b", "a | drop x, `not`\nb\n");
    lays_out("a; by | count", "a\n`by` | count\n");
    lays_out("a|summarize n=count()", "a | summarise n = count()\n");
}

#[test]
fn a_question_has_one_line_or_a_line_a_stage() {
    lays_out("a\n| count\n", "a | count\n");
    lays_out("a | where x | count", "a | where x | count\n");
    lays_out("a\n| where x | count", "a\n| where x\n| count\n");
    lays_out("a | where x\n\n\n| count\n\n\n\nb;c", "a\n| where x\n\n| count\n\nb\nc\n");
    let long = format!("a | where {} | count", ["some_condition"; 8].join(" and "));
    lays_out(&long, &format!("a\n| where some_condition\n{}| count\n", "    and some_condition\n".repeat(7)));
    lays_out("let s = a\n| where x | count", "let s = a\n  | where x\n  | count\n");
    lays_out("param w:period=2023 ", "param w: period = 2023\n");
}

#[test]
fn items_have_a_line_each_where_the_writer_began_one() {
    lays_out(
        "a\n| summarise n = count(),\n people=distinct(p) by b\n",
        "a\n| summarise n      = count(),\n            people = distinct(p)\n  by b\n",
    );
    lays_out(
        "a | summarise n = count(), people=distinct(p)\n by b\n",
        "a | summarise n = count(), people = distinct(p) by b\n",
    );
    let keys = ["a_rather_long_key"; 7].join(", ");
    lays_out(
        &format!("a | count by {keys}"),
        "a\n| count\n  by a_rather_long_key, a_rather_long_key, a_rather_long_key, a_rather_long_key, a_rather_long_key,\n     \
         a_rather_long_key, a_rather_long_key\n",
    );
    lays_out(
        "a|let x = if some_condition_that_is_long then \"one value\" else if another_condition then \"two\" else \"three values\"",
        "a\n| let x = if some_condition_that_is_long then \"one value\"\n          else if another_condition then \"two\"\n          \
         else \"three values\"\n",
    );
}

#[test]
fn comments_stay_where_they_stood() {
    lays_out(
        "#!about\n\n#  title  \na#beside\n|where x #why\n\n# what\n|count#end\n# after\n",
        "#!about\n\n#  title\na            #beside\n| where x    #why\n\n# what\n| count    #end\n# after\n",
    );
    lays_out(
        "a | summarise n = count(), # how many\n# of them\nm = sum(x) # all\n by k # keys",
        "a\n| summarise n = count(),    # how many\n            # of them\n            m = sum(x)      # all\n  \
         by k                      # keys\n",
    );
    lays_out(
        "a | where b and # first\n c or # second\n d",
        "a\n| where (b         # first\n         and c)    # second\n     or d\n",
    );
    lays_out(
        "a | where x in [ # known\n 1,\n 2 # two\n # no more\n]",
        "a\n| where x in [      # known\n            1, 2    # two\n          # no more\n          ]\n",
    );
    // What was no title does not become one, and what was one stays.
    lays_out("# not\n; a", "# not\n\na\n");
    lays_out(
        "a | where (x = # one\n 3 # two\n)\nb",
        "a\n| where x        # one\n          = 3    # two\nb\n",
    );
    lays_out("a | where f(x where # one\n # two\n y)\nb", "a | where f(x where y)    # one\n# two\n\nb\n");
    lays_out("# only\n\n\n# these", "# only\n\n# these\n");
    lays_out("", "");
}

#[test]
fn what_is_no_program_has_no_layout() {
    assert!(format("a | where").is_err());
    assert!(format("a | wher x").is_err());
}

#[test]
fn deep_and_long_texts_are_laid_out_in_time() {
    let start = std::time::Instant::now();
    let mut leaning = "x".to_string();
    for _ in 0..9 {
        leaning = format!("({leaning}{}) * 2", " + a".repeat(100));
    }
    for source in [
        format!("a | where {}x{}", "(x + 2 * ".repeat(250), ")".repeat(250)),
        format!("a | where {}x{}", "f(".repeat(250), ")".repeat(250)),
        format!("a | where {}{}", "[".repeat(250), "]".repeat(250)),
        format!("a | where {}x", "not ".repeat(250)),
        format!("a | where {}y", "if x then 1 else ".repeat(250)),
        format!("a | where x = 1{}", " or x = 1".repeat(990)),
        format!("a | where {leaning}"),
        format!("a | where x in [0{}]", ", 1 + 1".repeat(20_000)),
        format!("a{}", " | where x".repeat(20_000)),
        format!("a{}", " | where (x) # y\n".repeat(5_000)),
        "a | where (x)\n".repeat(5_000),
    ] {
        let tidy = format(&source).unwrap();
        assert!(same_meaning(&source, &tidy), "{tidy}");
        assert!(format(&tidy).is_ok_and(|again| again == tidy), "{tidy}");
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:.60} takes too long", source);
    }
}
