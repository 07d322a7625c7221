//! Windows over a group's rows in an order, in plain loops. The rows of each group are lined up once ([`super::line`]);
//! then a part of the line slides along it: rows enter at its front and leave at its back, and what is asked of
//! those inside is kept up to date ([`Inside`]). So a sum, a mean, a smallest value or a distinct count costs the
//! same however long the part is; only medians and lists look at all of it.

use std::collections::VecDeque;

use polars::prelude::*;

use super::line::{Code, Groups, Row, codes};
use super::lists::{self, Point};
use super::values::{nano_of, nano_to_f64, sum_of};
use crate::plan::Aggregator;
use crate::types::decimal::div_half_even;
use crate::types::ratio::nearest;

/// What each row gets.
pub(super) enum Given {
    /// Counts and quantities.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Truths.
    Truth(Vec<Option<bool>>),
    /// Texts.
    Text(Vec<Option<String>>),
    /// The value of a row, in the column that was asked about.
    At(Vec<Option<Row>>),
}

impl Given {
    /// As a column of that name; `of` is the column that was asked about.
    pub(super) fn column(self, name: &PlSmallStr, of: Option<&Column>) -> PolarsResult<Column> {
        let name = name.clone();
        Ok(match self {
            Given::Whole(values) => Int64Chunked::from_iter(values).with_name(name).into_column(),
            Given::Number(values) => Float64Chunked::from_iter(values).with_name(name).into_column(),
            Given::Truth(values) => BooleanChunked::from_iter(values).with_name(name).into_column(),
            Given::Text(values) => StringChunked::from_iter(values).with_name(name).into_column(),
            Given::At(rows) => {
                let of = of.ok_or_else(|| polars_err!(ComputeError: "a window without a value"))?;
                of.take(&IdxCa::from_iter(rows))?.with_name(name)
            }
        })
    }
}

/// The competition rank of each row's code in its group, of rows that count.
pub(super) fn rank(groups: &Groups, of: &[Code], counts: &[bool]) -> Given {
    let mut given = vec![None; of.len()];
    for group in groups.iter() {
        let (mut before, mut rank, mut last) = (0, 0, None);
        for row in group.iter().map(|row| *row as usize) {
            let Some(code) = of[row].filter(|_| counts[row]) else { continue };
            before += 1;
            if last != Some(code) {
                rank = before;
            }
            last = Some(code);
            given[row] = Some(rank);
        }
    }
    Given::Whole(given)
}

/// Which row of its group each is, of those that count.
pub(super) fn row_number(groups: &Groups, counts: &[bool]) -> Given {
    let mut given = vec![None; counts.len()];
    for group in groups.iter() {
        let counting = group.iter().map(|row| *row as usize).filter(|row| counts[*row]);
        for (row, number) in counting.zip(1..) {
            given[row] = Some(number);
        }
    }
    Given::Whole(given)
}

/// The row so many places before, or (negative) after.
pub(super) fn neighbour(groups: &Groups, height: usize, away: i64) -> Given {
    let mut given = vec![None; height];
    for group in groups.iter() {
        for (at, row) in (0i64..).zip(group) {
            let there = at.checked_sub(away).and_then(|at| usize::try_from(at).ok());
            given[*row as usize] = there.and_then(|at| group.get(at).copied());
        }
    }
    Given::At(given)
}

/// The part of a line that belongs to each place in it.
pub(super) enum Part {
    /// The whole line.
    All,
    /// From the first row up to this one.
    SoFar,
    /// So many rows, this one the last of them or, with `true`, the next.
    Rows(u64, bool),
    /// The rows whose time lies so many microseconds back at most, that far back excluded. The times are in the order
    /// of the rows in the frame.
    Span(i64, Vec<Option<i64>>),
}

/// An aggregate over a part that slides.
pub(super) fn slide(groups: &Groups, height: usize, part: &Part, mut inside: Inside) -> PolarsResult<Given> {
    inside.bulk = matches!(part, Part::All);
    let mut given = inside.nothing(height);
    for group in groups.iter() {
        inside.clear();
        let (mut low, mut high) = (0usize, 0usize);
        let mut last: Option<(usize, usize, Row)> = None;
        for (at, row) in group.iter().enumerate() {
            let (from, to) = match part {
                Part::All => (0, group.len()),
                Part::SoFar => (0, at + 1),
                Part::Rows(n, before) => {
                    let to = if *before { at } else { at + 1 };
                    match usize::try_from(*n).ok().and_then(|n| to.checked_sub(n)) {
                        Some(from) => (from, to),
                        // There are fewer rows than that.
                        None => continue,
                    }
                }
                Part::Span(long, times) => {
                    let time = |at: usize| *times.get(*group.get(at)? as usize)?;
                    let Some(now) = time(at) else { continue };
                    let since = now.saturating_sub(*long);
                    let mut from = low;
                    // Rows without a time stand last.
                    while time(from).is_some_and(|then| then <= since) {
                        from += 1;
                    }
                    let mut to = high.max(at + 1);
                    while time(to).is_some_and(|then| then <= now) {
                        to += 1;
                    }
                    (from, to)
                }
            };
            while high < to {
                inside.enter(group[high])?;
                high += 1;
            }
            while low < from {
                inside.leave(group[low])?;
                low += 1;
            }
            match last {
                // Rows at one time see the same.
                Some((f, t, other)) if (f, t) == (from, to) => given.copy(other, *row),
                _ => inside.give(*row, &mut given)?,
            }
            last = Some((from, to, *row));
        }
    }
    Ok(given)
}

impl Given {
    fn copy(&mut self, from: Row, to: Row) {
        let (from, to) = (from as usize, to as usize);
        match self {
            Given::Whole(values) => values[to] = values[from],
            Given::Number(values) => values[to] = values[from],
            Given::Truth(values) => values[to] = values[from],
            Given::Text(values) => values[to] = values[from].clone(),
            Given::At(values) => values[to] = values[from],
        }
    }
}

/// What kind of values are summed or sorted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Integers: their mean is a number.
    Integers,
    /// Numbers.
    Numbers,
    /// Quantities: their mean is one.
    Quantities,
}

/// The rows that are inside the part, as far as is asked of them.
pub(super) struct Inside {
    function: Aggregator,
    /// Rows that count at all.
    counts: Vec<bool>,
    /// Each row's value: a code, a nano-count of a number, or 1 for a truth; all known where there is no value.
    values: Vec<Code>,
    /// Numbers as they are.
    numbers: Vec<Option<f64>>,
    /// The values as texts.
    texts: Vec<Option<String>>,
    /// A list in the order of the rows, rather than by value.
    in_order: bool,
    /// All values enter before one leaves: they are sorted once, when all are there.
    bulk: bool,
    of: Of,
    quantile: f64,
    rows: i64,
    known: i64,
    sum: i128,
    /// Rows that could still be the smallest (or largest), or all known ones.
    line: VecDeque<Row>,
    kinds: PlHashMap<i64, u32>,
    sorted: Vec<i64>,
    sorted_numbers: Vec<f64>,
}

impl Inside {
    /// Nothing inside yet. `value` is the aggregate's argument, `texts` what a list joins.
    pub(super) fn new(
        function: Aggregator,
        counts: Vec<bool>,
        value: Option<&Series>,
        texts: Vec<Option<String>>,
        (of, quantile, in_order): (Of, f64, bool),
    ) -> PolarsResult<Inside> {
        let values = match value {
            Some(value) => codes(value)?,
            None => vec![Some(1); counts.len()],
        };
        let numbers = match value {
            Some(value) if of == Of::Numbers => value.cast(&DataType::Float64)?.f64()?.iter().collect(),
            _ => Vec::new(),
        };
        Ok(Inside {
            function,
            counts,
            values,
            numbers,
            texts,
            in_order,
            bulk: false,
            of,
            quantile,
            rows: 0,
            known: 0,
            sum: 0,
            line: VecDeque::new(),
            kinds: PlHashMap::new(),
            sorted: Vec::new(),
            sorted_numbers: Vec::new(),
        })
    }

    /// How many values are passed over because they are missing.
    pub(super) fn skipped(&self, out: &[bool]) -> u64 {
        let rows = self.values.iter().zip(&self.counts).zip(out);
        rows.filter(|((value, counts), out)| value.is_none() && **counts && !**out).count() as u64
    }

    fn nothing(&self, height: usize) -> Given {
        use Aggregator::{
            All, Any, Count, Distinct, First, Last, List, Max, Mean, Median, Min, No, Quantile, Stddev, Sum,
        };
        match self.function {
            Count | Distinct => Given::Whole(vec![None; height]),
            Sum | Mean | Median | Quantile | Stddev => match (self.of, self.function) {
                (Of::Quantities, _) | (Of::Integers, Sum) => Given::Whole(vec![None; height]),
                _ => Given::Number(vec![None; height]),
            },
            Any | All | No => Given::Truth(vec![None; height]),
            List => Given::Text(vec![None; height]),
            Min | Max | First | Last => Given::At(vec![None; height]),
        }
    }

    fn clear(&mut self) {
        (self.rows, self.known, self.sum) = (0, 0, 0);
        self.line.clear();
        self.kinds.clear();
        self.sorted.clear();
        self.sorted_numbers.clear();
    }

    /// What a row adds to the sum.
    fn amount(&self, row: usize) -> PolarsResult<i128> {
        match self.of {
            Of::Numbers => self.numbers[row].map_or(Ok(0), nano_of),
            _ => Ok(self.values[row].map_or(0, i128::from)),
        }
    }

    fn enter(&mut self, row: Row) -> PolarsResult<()> {
        use Aggregator::{
            All, Any, Count, Distinct, First, Last, List, Max, Mean, Median, Min, No, Quantile, Stddev, Sum,
        };
        let at = row as usize;
        if !self.counts[at] {
            return Ok(());
        }
        self.rows += 1;
        let Some(value) = self.values[at] else { return Ok(()) };
        self.known += 1;
        match self.function {
            Count => {}
            Sum | Mean => self.sum += self.amount(at)?,
            Any | No => self.sum += i128::from(value),
            All => self.sum += i128::from(1 - value),
            Distinct => *self.kinds.entry(value).or_insert(0) += 1,
            Min | Max => {
                // Whoever came before and is not better never will be the best again.
                let worse = |other: Row| {
                    let other = self.values[other as usize];
                    if self.function == Min { other > Some(value) } else { other < Some(value) }
                };
                while self.line.back().is_some_and(|other| worse(*other)) {
                    self.line.pop_back();
                }
                self.line.push_back(row);
            }
            First | Last | List => self.line.push_back(row),
            Median | Quantile | Stddev if self.of == Of::Numbers => {
                let number = self.numbers[at].unwrap_or_default();
                let less = |other: &f64| other.total_cmp(&number).is_lt();
                let seat = match self.bulk {
                    true => self.sorted_numbers.len(),
                    false => self.sorted_numbers.partition_point(less),
                };
                self.sorted_numbers.insert(seat, number);
            }
            Median | Quantile | Stddev => {
                let seat = match self.bulk {
                    true => self.sorted.len(),
                    false => self.sorted.partition_point(|other| *other < value),
                };
                self.sorted.insert(seat, value);
            }
        }
        Ok(())
    }

    fn leave(&mut self, row: Row) -> PolarsResult<()> {
        use Aggregator::{
            All, Any, Count, Distinct, First, Last, List, Max, Mean, Median, Min, No, Quantile, Stddev, Sum,
        };
        let at = row as usize;
        if !self.counts[at] {
            return Ok(());
        }
        self.rows -= 1;
        let Some(value) = self.values[at] else { return Ok(()) };
        self.known -= 1;
        match self.function {
            Count => {}
            Sum | Mean => self.sum -= self.amount(at)?,
            Any | No => self.sum -= i128::from(value),
            All => self.sum -= i128::from(1 - value),
            Distinct => {
                let left = self.kinds.get_mut(&value).map_or(0, |many| {
                    *many -= 1;
                    *many
                });
                if left == 0 {
                    self.kinds.remove(&value);
                }
            }
            Min | Max | First | Last | List => {
                if self.line.front() == Some(&row) {
                    self.line.pop_front();
                }
            }
            Median | Quantile | Stddev if self.of == Of::Numbers => {
                let number = self.numbers[at].unwrap_or_default();
                let seat = self.sorted_numbers.partition_point(|other| other.total_cmp(&number).is_lt());
                self.sorted_numbers.remove(seat);
            }
            Median | Quantile | Stddev => {
                let seat = self.sorted.partition_point(|other| *other < value);
                self.sorted.remove(seat);
            }
        }
        Ok(())
    }

    /// What is inside, as the value of a row.
    fn give(&mut self, row: Row, given: &mut Given) -> PolarsResult<()> {
        use Aggregator::{
            All, Any, Count, Distinct, First, Last, List, Max, Mean, Median, Min, No, Quantile, Sum,
        };
        if self.bulk {
            self.sorted.sort_unstable();
            self.sorted_numbers.sort_unstable_by(f64::total_cmp);
        }
        let at = row as usize;
        let point = match self.function {
            Median => Point::Median,
            Quantile => Point::Quantile(self.quantile),
            _ => Point::Stddev,
        };
        match (given, self.function) {
            (Given::Whole(values), Count) => values[at] = Some(self.known),
            (Given::Whole(values), Distinct) => values[at] = Some(self.kinds.len() as i64),
            (Given::Whole(values), Sum) if self.summed() => values[at] = Some(sum_of(self.sum)?),
            (Given::Number(values), Sum) if self.summed() => values[at] = Some(nano_to_f64(self.sum)),
            (_, Sum) => {}
            (_, Mean) if self.known == 0 => {}
            (Given::Whole(values), Mean) => {
                let mean = div_half_even(self.sum, self.known.into());
                values[at] = mean.and_then(|mean| i64::try_from(mean).ok());
            }
            (Given::Number(values), Mean) if self.of == Of::Numbers => {
                values[at] = div_half_even(self.sum, self.known.into()).map(nano_to_f64);
            }
            (Given::Number(values), Mean) => values[at] = nearest(self.sum, self.known.into()),
            (Given::Whole(values), _) => values[at] = lists::of_quantities(&self.sorted, point),
            (Given::Number(values), _) if self.of == Of::Numbers => {
                values[at] = lists::of_numbers(&self.sorted_numbers, point);
            }
            (Given::Number(values), _) => values[at] = lists::of_integers(&self.sorted, point),
            (Given::Truth(values), Any) => values[at] = Some(self.sum > 0),
            (Given::Truth(values), All | No) => values[at] = Some(self.sum == 0),
            (Given::At(values), Last) => values[at] = self.line.back().copied(),
            (Given::At(values), Min | Max | First) => values[at] = self.line.front().copied(),
            (Given::Text(values), List) => values[at] = Some(self.list()),
            _ => {}
        }
        Ok(())
    }

    /// Is there a sum? Over no rows it is nought, over missing values alone there is none.
    fn summed(&self) -> bool {
        self.rows == 0 || self.known > 0
    }

    fn list(&self) -> String {
        let mut rows: Vec<Row> = self.line.iter().copied().collect();
        if !self.in_order {
            rows.sort_by_key(|row| self.values[*row as usize]);
        }
        let texts: Vec<&str> =
            rows.iter().filter_map(|row| self.texts.get(*row as usize)?.as_deref()).collect();
        texts.join(", ")
    }
}
