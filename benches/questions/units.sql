select drug_class, sum(quantity * case unit when 'g' then 0.001 when 'kg' then 1 when 'oz' then 0.028349523125 end)
from seizures
where category = 'drugs'
group by drug_class
order by drug_class nulls last
