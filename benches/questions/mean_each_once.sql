select offence_group, avg(age)
from (select distinct offence_group, arrest_id from charges) c
  left join arrests a on a.arrest_id = c.arrest_id
group by offence_group
order by offence_group nulls last
