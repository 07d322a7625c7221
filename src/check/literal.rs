//! Literals, units and parameters: what stands in the question itself and needs no data.

use super::expr::a;
use super::scope::listing;
use super::{Checker, Param, broken, value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Expr, Kind};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::time::{days, parse_date, parse_datetime};
use crate::types::{Currency, Decimal, Rate, RateUnit, Type, Unit, Value};

/// The types that a `param` can have.
const PARAM_TYPES: &[&str] = &[
    "bool", "date", "datetime", "duration", "integer", "money", "mass", "number", "period", "rate", "text",
    "volume",
];

impl Checker<'_> {
    /// A literal's value.
    pub(super) fn literal(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        let too_large = |text: &str| Diagnostic::new("type-range", format!("{text} is too large"), span);
        match &expr.kind {
            ExprKind::Bool(b) => value(Value::Bool(*b), Type::Bool),
            ExprKind::Text(text) => value(Value::Text(text.clone()), Type::Text),
            ExprKind::Number(text) if text.contains('.') => match Decimal::parse(text) {
                Some(decimal) => value(Value::Number(decimal.to_f64()), Type::Number),
                None => self.broken(too_large(text)),
            },
            ExprKind::Number(text) => match text.parse() {
                Ok(number) => value(Value::Integer(number), Type::Integer),
                Err(_) => self.broken(too_large(text).help("integers go up to 9,223,372,036,854,775,807")),
            },
            ExprKind::Percent(text) => match Decimal::parse(text) {
                Some(percent) => {
                    let decimal = Decimal { scale: percent.scale + 2, ..percent };
                    value(Value::Number(decimal.to_f64()), Type::Number)
                }
                None => self.broken(too_large(text)),
            },
            ExprKind::Date(text) => match parse_date(text) {
                Some(date) => value(Value::Date(days(date)), Type::Date),
                None => self.broken(Diagnostic::new("type-date", format!("there is no day {text}"), span)),
            },
            ExprKind::Datetime(text) => match parse_datetime(text) {
                Some(at) => value(Value::Datetime(at), Type::Datetime),
                None => self.broken(Diagnostic::new("type-date", format!("there is no time {text}"), span)),
            },
            ExprKind::Money { sign, number, multiplier } => {
                let Some(zeros) = multiplier.as_deref().map_or(Some(0), zeros) else {
                    let other = multiplier.as_deref().unwrap_or_default();
                    return self.broken(
                        Diagnostic::new("type-units", format!("`{other}` multiplies nothing"), span)
                            .help("after an amount of money stands `k`, `m` or `bn`, or nothing"),
                    );
                };
                let Some(currency) = Currency::of_sign(*sign) else { return broken() };
                let unit = Unit::money(currency);
                match Decimal::parse(number).and_then(|d| d.scaled(unit.num * 10i128.pow(zeros), unit.den)) {
                    Some(amount) => value(Value::Integer(amount), unit.ty),
                    None => self.broken(too_large(self.text(span))),
                }
            }
            ExprKind::Quantity { number, unit } => {
                let Some(found) = self.unit(unit) else { return broken() };
                match Decimal::parse(number).and_then(|d| d.scaled(found.num, found.den)) {
                    Some(amount) => value(Value::Integer(amount), found.ty),
                    None => self.broken(too_large(self.text(span))),
                }
            }
            ExprKind::Rate { amount, per } => self.rate(amount, per, span),
            _ => value(Value::Missing, Type::Missing),
        }
    }

    /// `£40/g`
    fn rate(&mut self, amount: &ast::Expr, per: &Name, span: Span) -> Expr {
        let (digits, of) = match &amount.kind {
            ExprKind::Money { sign, number, multiplier } => {
                // The multiplier and its mistakes are money's own.
                if self.literal(amount).ty == Type::Missing {
                    return broken();
                }
                let zeros = multiplier.as_deref().and_then(zeros).unwrap_or(0);
                let digits = Decimal::parse(number).and_then(|d| {
                    Some(Decimal { mantissa: d.mantissa.checked_mul(10i128.pow(zeros))?, ..d })
                });
                (digits, Currency::of_sign(*sign).map(Unit::money))
            }
            ExprKind::Quantity { number, unit } => (Decimal::parse(number), self.unit(unit)),
            _ => return broken(),
        };
        let Some(of) = of else { return broken() };
        let before = self.mistakes.len();
        let Some(per) = self.unit(per) else {
            if let Some(mistake) = self.mistakes.get_mut(before) {
                mistake.help.push("to divide by a column, leave a blank on both sides of `/`".to_string());
            }
            return broken();
        };
        let unit = RateUnit { of, per };
        let Some(rate) = Rate::between(&unit.of.ty, &unit.per.ty) else {
            return self.broken(no_rate(&unit, span));
        };
        match digits.and_then(|digits| rate.literal(digits, &unit)).filter(|value| value.is_finite()) {
            Some(found) => value(Value::Number(found), Type::Rate(rate.into())),
            None => {
                let message = format!("{} is too large", self.text(span));
                self.broken(Diagnostic::new("type-range", message, span))
            }
        }
    }

    /// The unit over another that stands after `to`; reports what isn't one.
    pub(super) fn rate_unit(&mut self, unit: &Name, wanted: Option<&Rate>) -> Option<RateUnit> {
        let (of, per) = unit.text.split_once('/')?;
        let named = |text: &str| Name { text: text.to_string(), span: unit.span };
        let (of_wanted, per_wanted) = wanted.map(|rate| (&rate.of, &rate.per)).unzip();
        let (of, per) = (self.unit_of(&named(of), of_wanted)?, self.unit_of(&named(per), per_wanted)?);
        Some(RateUnit { of, per })
    }

    /// The unit of that name; reports one that isn't known.
    pub(super) fn unit(&mut self, unit: &Name) -> Option<Unit> {
        self.unit_of(unit, None)
    }

    /// The unit of that name, where one of a dimension is wanted; reports one that isn't known.
    pub(super) fn unit_of(&mut self, unit: &Name, wanted: Option<&Type>) -> Option<Unit> {
        let units = &self.catalogue.units;
        let mut signs = unit.text.chars();
        let currency = match (signs.next(), signs.next()) {
            (Some(sign), None) => Currency::of_sign(sign).map(Unit::money),
            _ => None,
        };
        if let Some(found) = currency.or_else(|| units.find(&unit.text)) {
            return Some(found);
        }
        let of_dimension: Vec<&str> = match wanted {
            Some(ty) => units.names_of(ty).collect(),
            None => Vec::new(),
        };
        let mut mistake =
            Diagnostic::new("name-unit", format!("there is no unit `{}`", unit.text), unit.span);
        mistake = match unit.text.as_str() {
            "fl oz" | "gal" | "pt" | "gallon" | "gallons" | "pint" | "pints" => {
                mistake.help("say whose: `us fl oz`, `imperial fl oz`, `us gal`, `imperial gal`, `us pt`, `imperial pt`")
            }
            "month" | "months" | "year" | "years" | "quarter" | "quarters" => {
                mistake.help("months and years have no fixed length: a span is counted in days or weeks")
                    .help("to a date they can be added: `today - 3 months`")
            }
            "pound" | "pounds" => mistake.help("write `lb` for the weight, £5 or `5 GBP` for the money"),
            text if !of_dimension.is_empty() => match nearest(text, of_dimension.iter().copied()) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help(format!("there are {}", of_dimension.join(", "))),
            },
            // A currency is the weaker guess: any three letters are near one.
            text => match nearest(text, units.measures()).or_else(|| nearest(text, units.names())) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help("there are mg g kg oz lb, ml l us fl oz, days hours minutes, GBP USD EUR, and the kinds of items that the catalogue declares"),
            },
        };
        self.report(mistake);
        None
    }

    /// A literal as what it is compared with: text beside a category is one of its values, text or a
    /// whole number beside an id is an id, and so on. Anything else stays as it is. `None`: reported.
    pub(super) fn literal_as(&mut self, expr: Expr, at: &ast::Expr, ty: &Type) -> Option<Expr> {
        let Kind::Value(literal) = &expr.kind else { return Some(expr) };
        match (literal, ty) {
            (Value::Text(text), Type::Category(category)) => {
                if let Some(position) = category.values.iter().position(|known| known == text) {
                    return Some(value(Value::Category(u32::try_from(position).ok()?), ty.clone()));
                }
                let mistake =
                    Diagnostic::new("name-value", format!("{text:?} is not one of the values"), at.span);
                let mistake = match nearest(text, category.values.iter().map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean {near:?}?")),
                    None => mistake.help(listing("there are", &category.values, &[]).replace('`', "\"")),
                };
                self.report(mistake);
                None
            }
            (Value::Text(text), Type::Id) => Some(value(Value::Text(text.clone()), Type::Id)),
            (Value::Integer(number), Type::Id) if expr.ty == Type::Integer => {
                // As written, so that 007 stays 007.
                let text = match &at.kind {
                    ExprKind::Number(digits) => digits.clone(),
                    _ => number.to_string(),
                };
                Some(value(Value::Text(text), Type::Id))
            }
            (Value::Integer(_), Type::Number) if expr.ty == Type::Integer => Some(self.as_number(expr)),
            _ => Some(expr),
        }
    }

    /// `param week: period = 2023-10`
    pub(super) fn param(&mut self, param: &ast::ParamDef) {
        let name = &param.name;
        if self.params.contains_key(&name.text) {
            self.report(Diagnostic::new(
                "name-taken",
                format!("`{}` is declared twice", name.text),
                name.span,
            ));
        }
        let ty = param.ty.text.as_str();
        if ty.is_empty() {
            self.params.insert(name.text.clone(), Param::Broken);
            return;
        }
        if !PARAM_TYPES.contains(&ty) {
            let mistake =
                Diagnostic::new("name-type", format!("there is no type `{ty}` for a param"), param.ty.span);
            let mistake = match nearest(ty, PARAM_TYPES.iter().copied()) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help(format!("there are {}", PARAM_TYPES.join(", "))),
            };
            self.report(mistake);
            self.params.insert(name.text.clone(), Param::Broken);
            return;
        }
        let given = self
            .settings
            .params
            .iter()
            .rev()
            .find(|(given, _)| *given == name.text)
            .map(|(_, text)| text.clone());
        let made = match (given, &param.default) {
            (Some(text), _) => self.given_param(&name.text, ty, &text),
            (None, Some(default)) => self.param_value(ty, default),
            (None, None) => {
                let mistake =
                    Diagnostic::new("usage-param", format!("param `{}` has no value", name.text), name.span)
                        .help(format!(
                            "give it one with `-p {}=…`, or a default: `param {}: {ty} = …`",
                            name.text, name.text
                        ));
                self.report(mistake);
                Param::Broken
            }
        };
        self.params.insert(name.text.clone(), made);
    }

    /// A value from the command line. Its own text is the source of what is wrong with it, and every
    /// mistake in it is one of usage.
    fn given_param(&mut self, name: &str, ty: &str, text: &str) -> Param {
        if ty == "text" {
            return Param::Value(value(Value::Text(text.to_string()), Type::Text));
        }
        let before = std::mem::take(&mut self.mistakes);
        let made = match crate::syntax::parse_expression(text) {
            Ok(expr) => self.param_value(ty, &expr),
            Err(mistakes) => {
                self.mistakes = mistakes;
                Param::Broken
            }
        };
        let found = std::mem::replace(&mut self.mistakes, before);
        for mistake in found {
            let mut usage =
                Diagnostic { code: "usage-param", ..mistake }.in_source(format!("-p {name}"), text);
            usage.help.push(format!("`{name}` is a {ty}"));
            self.report(usage);
        }
        made
    }

    fn param_value(&mut self, ty: &str, expr: &ast::Expr) -> Param {
        if ty == "period" {
            return match self.period(expr) {
                Ok(Some(period)) => Param::Period(period),
                Ok(None) => {
                    let example = "write `2023-10`, `2023-10-09..2023-10-15`, `last 4 weeks` or the like";
                    let help = self.span_help("", expr, example);
                    self.report(Diagnostic::new("type-param", "this is no period", expr.span).help(help));
                    Param::Broken
                }
                Err(()) => Param::Broken,
            };
        }
        let empty = super::Scope::default();
        let before = self.mistakes.len();
        let mut found = self.expr(super::expr::Place::row(&empty, super::expr::What::Derive), expr);
        if self.mistakes.len() > before {
            return Param::Broken;
        }
        if ty == "number" {
            found = self.as_number(found);
        }
        let fits = match (ty, &found.ty) {
            ("money", Type::Money(_)) | ("rate", Type::Rate(_)) => true,
            (ty, found) => ty == found.to_string(),
        };
        if !fits || !matches!(found.kind, Kind::Value(_)) {
            let message = format!("this is {}, and the param is declared as {ty}", a(&found.ty));
            let message = if fits {
                "a param's value stands there as it is, without working out".to_string()
            } else {
                message
            };
            self.report(Diagnostic::new("type-param", message, expr.span));
            return Param::Broken;
        }
        Param::Value(found)
    }

    /// A whole number that counts rows.
    pub(super) fn row_count(&mut self, expr: &ast::Expr, of: &str) -> Option<u64> {
        let span: Span = expr.span;
        let literal = match &expr.kind {
            ExprKind::Number(_) | ExprKind::Param(_) => {
                let empty = super::Scope::default();
                self.expr(super::expr::Place::row(&empty, super::expr::What::Derive), expr)
            }
            ExprKind::Broken => return None,
            _ => value(Value::Missing, Type::Text),
        };
        match (&literal.kind, &literal.ty) {
            (Kind::Value(Value::Integer(n)), Type::Integer) if *n >= 0 => u64::try_from(*n).ok(),
            (_, Type::Missing) => None,
            _ => {
                self.report(
                    Diagnostic::new("type-count", format!("`{of}` takes a whole number of rows"), span)
                        .help(format!("`{of} 10`")),
                );
                None
            }
        }
    }
}

/// What a multiplier behind an amount of money stands for: so many noughts.
fn zeros(multiplier: &str) -> Option<u32> {
    match multiplier.to_lowercase().as_str() {
        "k" => Some(3),
        "m" => Some(6),
        "bn" => Some(9),
        _ => None,
    }
}

/// Two units that make no rate.
pub(super) fn no_rate(unit: &RateUnit, span: Span) -> Diagnostic {
    let (of, per) = (&unit.of.ty, &unit.per.ty);
    let mistake =
        Diagnostic::new("type-units", format!("{} over {} is no rate", unit.of.name, unit.per.name), span);
    if of == per {
        mistake.help(format!("{of} over {per} is a plain number"))
    } else {
        mistake.help("two currencies don't meet: what one costs in the other changes by the day")
    }
}
