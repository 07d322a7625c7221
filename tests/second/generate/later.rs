//! What came later: windows, what stands right after a grouping, and stages that bring in the rows of other
//! questions.

use super::expr::Col;
use super::expr::Scope;
use super::query::Writer;
use super::world::{LISTS, Ty};

impl Writer<'_> {
    /// A window in `let`.
    pub fn windows(&mut self, scope: &mut Scope) -> String {
        let name = self.fresh();
        let per = if self.grower.random.percent(65) { self.per(scope) } else { String::new() };
        let key = self.sort_key(scope);
        let numeric = |ty: Ty| matches!(ty, Ty::Integer | Ty::Number | Ty::Money | Ty::Mass);
        let cols: Vec<Col> = scope.cols.iter().filter(|col| numeric(col.ty)).cloned().collect();
        let own = if cols.is_empty() { None } else { Some(cols[self.grower.below(cols.len())].clone()) };
        let dates = self.columns(scope, |ty| matches!(ty, Ty::Date | Ty::Datetime));
        let filter = if self.grower.random.percent(30) {
            format!(" where {}", self.grower.condition(scope, 1))
        } else {
            String::new()
        };
        let any = self.name(scope);
        let each = |col: &Col| if col.each { "each " } else { "" };
        let (value, ty) = match (self.grower.below(9), own, any) {
            (0, Some(col), _) => (format!("sum({}{}{filter}{per})", each(&col), col.name), col.ty),
            (1, Some(col), _) => (
                format!("rank({}{}{filter}{per})", self.grower.random.pick(&["", "-"]), col.name),
                Ty::Integer,
            ),
            (2, Some(col), _) => {
                (format!("running({}{}{filter}{per} sorted by {key})", each(&col), col.name), col.ty)
            }
            (3, _, Some(any)) => {
                let ty = scope.cols.iter().find(|col| col.name == any).map_or(Ty::Text, |col| col.ty);
                let function = self.grower.random.pick(&["before", "after"]);
                (format!("{function}({any}{per} sorted by {key})"), ty)
            }
            (4, Some(col), _) => {
                let before = self.grower.random.pick(&["", " before"]);
                let rows = 1 + self.grower.below(3);
                let ty = if col.ty == Ty::Integer { Ty::Number } else { col.ty };
                (
                    format!(
                        "mean({}{}{filter}{per} sorted by {key} over {rows} rows{before})",
                        each(&col),
                        col.name
                    ),
                    ty,
                )
            }
            (5, _, _) if !dates.is_empty() => {
                let span = self.grower.random.pick(&["90 days", "1 day", "12 hours", "400 days"]);
                (format!("count({}{per} over {span} of {})", filter.trim(), dates[0]), Ty::Integer)
            }
            (6, Some(col), _) => (format!("share({}{}{per})", each(&col), col.name), Ty::Number),
            (7, _, _) => (format!("row_number({}{per} sorted by {key})", filter.trim()), Ty::Integer),
            (_, Some(col), _) => {
                let function = self.grower.random.pick(&["max", "min", "mean", "median"]);
                let ty =
                    if col.ty == Ty::Integer && function.starts_with("me") { Ty::Number } else { col.ty };
                (format!("{function}({}{}{filter}{per})", each(&col), col.name), ty)
            }
            _ => (format!("count({}{per})", filter.trim()), Ty::Integer),
        };
        scope.cols.push(Col { name: name.clone(), ty, each: true });
        format!("let {name} = {value}")
    }

    /// `fill`, `total`, `pivot`, or a `total(x)`.
    pub fn after_grouping(&mut self, scope: &mut Scope) -> Vec<String> {
        let keys = self.filled.clone();
        if keys.is_empty() {
            return Vec::new();
        }
        let key = keys[self.grower.below(keys.len())].clone();
        let last = scope.cols.last().map(|col| (col.name.clone(), col.ty));
        match (self.grower.below(5), last) {
            (0, _) => {
                let within = self.grower.random.pick(&["", "", " in 2023", " in 2023-Q4"]);
                vec![format!("fill {key}{within}")]
            }
            (1, _) => {
                self.grouped = true;
                vec!["total".to_string()]
            }
            (2, _) => vec![format!("total {}", keys.join(", "))],
            (3, Some((name, ty))) => {
                let made = self.fresh();
                scope.cols.push(Col { name: made.clone(), ty, each: true });
                let per = if self.grower.random.percent(50) { format!(" per {key}") } else { String::new() };
                vec![format!("let {made} = total({name}{per})")]
            }
            (_, Some((name, ty))) => {
                let list = LISTS[self.grower.below(LISTS.len())];
                let columns = list.iter().map(|value| Col { name: format!("`{value}`"), ty, each: true });
                let kept =
                    scope.cols.iter().filter(|col| keys.contains(&col.name) && col.name != key).cloned();
                scope.cols = kept.chain(columns).collect();
                vec![format!("pivot {key} using {name}")]
            }
            _ => Vec::new(),
        }
    }

    /// Rows of other questions.
    pub fn combined(&mut self, scope: &mut Scope) -> Vec<String> {
        let (table, theirs) = self.grower.source();
        let filter = self.grower.condition(&theirs, 1);
        match self.grower.below(5) {
            0 => {
                let names: Vec<String> = scope.cols.iter().take(2).map(|col| col.name.clone()).collect();
                let items: Vec<String> = scope
                    .cols
                    .iter()
                    .take(2)
                    .map(|col| (col.name.clone(), col.ty))
                    .map(|(name, ty)| format!("{name} = {}", self.grower.value(&theirs, ty, 1)))
                    .collect();
                scope.cols.truncate(2);
                let verb = self.grower.random.pick(&["append", "except"]);
                if verb == "append" {
                    (scope.table, scope.calendar) = (None, false);
                    scope.cols.iter_mut().for_each(|col| col.each = true);
                }
                vec![
                    format!("select {}", names.join(", ")),
                    format!("{verb} ({table} | where {filter} | select {})", items.join(", ")),
                ]
            }
            1 => {
                let many = self.grower.random.pick(&["many ", "many ", ""]);
                let also = self.grower.condition(scope, 1);
                let key = if theirs.calendar { Ty::Date } else { Ty::Id };
                let ids = self.columns(scope, |ty| ty == key);
                let far: Vec<String> =
                    theirs.cols.iter().filter(|col| col.ty == key).map(|col| col.name.clone()).collect();
                let (Some(id), Some(far)) = (ids.first(), far.last()) else { return Vec::new() };
                let name = self.fresh();
                let text = format!(
                    "join {many}({table} | where {filter}) as {name} on {name}.{far} = {id} and {also}"
                );
                let cols = theirs.cols.iter().map(|col| Col {
                    name: format!("{name}.{}", col.name),
                    each: true,
                    ..col.clone()
                });
                scope.cols.extend(cols);
                (scope.table, scope.calendar) = (None, false);
                vec![text]
            }
            2 => {
                let names: Vec<String> = self.columns(scope, |ty| ty == Ty::Integer);
                let (key, value) = (self.fresh(), self.fresh());
                if names.is_empty() {
                    return Vec::new();
                }
                scope.cols.retain(|col| !names.contains(&col.name));
                scope.cols.iter_mut().for_each(|col| col.each = true);
                scope.cols.push(Col { name: key.clone(), ty: Ty::Text, each: false });
                scope.cols.push(Col { name: value.clone(), ty: Ty::Integer, each: false });
                (scope.table, scope.calendar) = (None, false);
                vec![format!("unpivot {} into {key}, {value}", names.join(", "))]
            }
            _ => {
                let Some(col) = theirs.cols.get(self.grower.below(theirs.cols.len())).cloned() else {
                    return Vec::new();
                };
                let not = self.grower.random.pick(&["", "not "]);
                let value = self.grower.value(scope, col.ty, 1);
                vec![format!("where {value} {not}in ({table} | where {filter} | select {})", col.name)]
            }
        }
    }
}
