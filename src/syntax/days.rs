//! Days as other countries and spreadsheets write them, `09/10/2023`: no day of the language, but help can say which
//! was meant.

use chrono::NaiveDate;

use crate::types::time::{FIRST_YEAR, full_year};

/// The day that three numbers mean, as questions write it: the day first where both readings are possible, and a year
/// of two digits read as in data.
pub fn day_of_parts(first: &str, second: &str, third: &str) -> Option<String> {
    let part = |digits: &str| digits.parse::<u32>().ok().filter(|_| digits.len() <= 2);
    let year = |digits: &str| {
        let number = digits.parse::<i32>().ok()?;
        match digits.len() {
            4 => (number >= 1000).then_some(number),
            2 => Some(full_year(number, FIRST_YEAR)),
            _ => None,
        }
    };
    let day =
        |year: Option<i32>, month: &str, day: &str| NaiveDate::from_ymd_opt(year?, part(month)?, part(day)?);
    let meant = if first.len() == 4 {
        day(year(first), second, third)
    } else {
        day(year(third), second, first).or_else(|| day(year(third), first, second))
    };
    meant.map(|day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::day_of_parts;

    #[test]
    fn the_day_comes_first_where_it_can() {
        let read = |text: &str| {
            let parts: Vec<&str> = text.split('/').collect();
            day_of_parts(parts[0], parts[1], parts[2])
        };
        assert_eq!(read("09/10/2023").as_deref(), Some("2023-10-09"));
        assert_eq!(read("10/25/2023").as_deref(), Some("2023-10-25"));
        assert_eq!(read("2023/10/9").as_deref(), Some("2023-10-09"));
        assert_eq!(read("9/10/85").as_deref(), Some("1985-10-09"));
        assert_eq!(read("9/10/68").as_deref(), Some("2068-10-09"));
        assert_eq!(read("31/2/2023"), None);
        assert_eq!(read("9/10/123"), None);
    }
}
