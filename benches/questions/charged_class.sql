select drug_class, count(*)
from charges
where charged_on >= date '2023-10-09' and charged_on < date '2023-10-16' and offence_group = 'drug trafficking'
group by drug_class
order by drug_class nulls last
