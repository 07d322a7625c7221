-- The tables for DuckDB, out of the CSV files: types said, two ways to write a date, three words for nothing.
create view arrests as
select * replace (
  try_strptime(arrested_at, ['%Y-%m-%d %H:%M', '%d/%m/%Y %H:%M']) as arrested_at, upper(trim(borough)) as borough)
from read_csv('arrests.csv', header = true, auto_detect = false, nullstr = ['', 'N/K', 'Unknown'], columns = {
  'arrest_id': 'varchar', 'person_id': 'varchar', 'arrested_at': 'varchar', 'borough': 'varchar', 'age': 'bigint',
  'sex': 'varchar', 'role': 'varchar', 'operation': 'varchar', 'arrested_for': 'varchar', 'line_id': 'varchar'});

create view charges as
from read_csv('charges.csv', header = true, auto_detect = false, columns = {
  'charge_id': 'varchar', 'arrest_id': 'varchar', 'person_id': 'varchar', 'charged_on': 'date', 'offence': 'varchar',
  'offence_group': 'varchar', 'drug_class': 'varchar'});

create view seizures as
from read_csv('seizures.csv', header = true, auto_detect = false, columns = {
  'seizure_id': 'varchar', 'arrest_id': 'varchar', 'seized_on': 'date', 'category': 'varchar', 'item': 'varchar',
  'drug_class': 'varchar', 'quantity': 'double', 'unit': 'varchar'});

create view lines as
from read_csv('lines.csv', header = true, auto_detect = false, columns = {
  'line_id': 'varchar', 'name': 'varchar', 'opened_on': 'date', 'closed_on': 'date', 'force': 'varchar'});

create view safeguarding as
from read_csv('safeguarding.csv', header = true, auto_detect = false, columns = {
  'record_id': 'varchar', 'arrest_id': 'varchar', 'person_id': 'varchar', 'date': 'date', 'age': 'bigint',
  'category': 'varchar'});

create view events as
from read_csv('events.csv', header = true, auto_detect = false, columns = {
  'event_id': 'varchar', 'date': 'date', 'kind': 'varchar', 'attendees': 'bigint', 'borough': 'varchar'});

create view referrals as
from read_csv('referrals.csv', header = true, auto_detect = false, columns = {
  'referral_id': 'varchar', 'person_id': 'varchar', 'date': 'date', 'age': 'bigint', 'scheme': 'varchar',
  'outcome': 'varchar'});
