select count(*) from arrests where arrested_at >= timestamp '2023-10-09' and arrested_at < timestamp '2023-10-16'
