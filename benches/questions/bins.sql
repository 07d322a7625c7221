with counted as (select date_trunc('month', arrested_at) as month, count(*) as n from arrests group by month)
select strftime(month, '%Y-%m'), n
from counted
order by month
