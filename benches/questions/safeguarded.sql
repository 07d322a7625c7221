select count(distinct person_id) from safeguarding where date >= date '2023-10-09' and date < date '2023-10-16'
