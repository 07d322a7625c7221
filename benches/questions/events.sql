select sum(attendees) from events where date >= date '2023-10-09' and date < date '2023-10-16' and kind in ('training', 'awareness')
