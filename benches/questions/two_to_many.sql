with charged as (select arrest_id, count(*) as charges from charges group by arrest_id),
     seized as (
       select arrest_id, sum(quantity) as cash
       from seizures
       where category = 'cash' and unit = 'GBP'
       group by arrest_id)
select borough, count(*), coalesce(sum(charges), 0), sum(cash)
from arrests
  left join charged on charged.arrest_id = arrests.arrest_id
  left join seized on seized.arrest_id = arrests.arrest_id
group by borough
order by borough nulls last
