-- The tables for DuckDB, out of the Parquet files, which are typed already.
create view arrests as
select * replace (
  case when upper(trim(borough)) not in ('N/K', 'UNKNOWN', '') then upper(trim(borough)) end as borough)
from 'arrests.parquet';

create view charges as from 'charges.parquet';

create view seizures as from 'seizures.parquet';

create view lines as from 'lines.parquet';

create view safeguarding as from 'safeguarding.parquet';

create view events as from 'events.parquet';

create view referrals as from 'referrals.parquet';
