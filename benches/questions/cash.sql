select sum(quantity) from seizures where seized_on >= date '2023-10-09' and seized_on < date '2023-10-16' and category = 'cash' and unit = 'GBP'
