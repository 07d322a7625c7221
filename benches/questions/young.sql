select count(distinct person_id)
from referrals
where date >= date '2023-10-09' and date < date '2023-10-16' and scheme in ('Rescue and Response', 'Catch22', 'The Prince''s Trust')
