select sum(quantity * case unit when 'g' then 0.001 when 'kg' then 1 when 'oz' then 0.028349523125 end)
from seizures
where seized_on >= date '2023-10-09' and seized_on < date '2023-10-16' and category = 'drugs' and drug_class in ('A', 'B')
