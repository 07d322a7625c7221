select count(distinct person_id), count(*), count(*) filter (offence_group = 'drug trafficking')
from charges
where charged_on >= date '2023-10-09' and charged_on < date '2023-10-16'
