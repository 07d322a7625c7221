select role, count(*)
from arrests a anti join charges c on c.arrest_id = a.arrest_id
group by role
order by role nulls last
