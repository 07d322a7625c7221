with counted as (
       select a.borough, c.offence, count(*) as n
       from charges c left join arrests a on a.arrest_id = c.arrest_id
       group by a.borough, c.offence)
select borough, offence, n
from counted
qualify row_number() over (partition by borough order by n desc, offence) <= 3
order by borough nulls last, n desc, offence
