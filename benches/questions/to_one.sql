select a.borough, count(*)
from charges c left join arrests a on a.arrest_id = c.arrest_id
group by a.borough
order by a.borough nulls last
