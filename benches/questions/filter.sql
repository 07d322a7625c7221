select count(*) from arrests where age < 18 and role = 'runner'
