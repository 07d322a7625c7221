select count(*) from lines where closed_on >= date '2023-10-09' and closed_on < date '2023-10-16'
