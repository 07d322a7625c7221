select count(distinct a.arrest_id), count(distinct c.person_id), count(c.charge_id)
from arrests a left join charges c on c.arrest_id = a.arrest_id
where a.arrested_at >= timestamp '2019-11-01' and a.operation = 'Orochi' and a.arrested_for = 'modern slavery'
