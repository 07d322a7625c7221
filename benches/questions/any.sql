select count(*)
from arrests a semi join charges c
  on c.arrest_id = a.arrest_id and c.charged_on <= a.arrested_at + interval 2 days
