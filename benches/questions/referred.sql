select count(*) from referrals where date >= date '2023-10-09' and date < date '2023-10-16' and scheme = 'National Referral Mechanism'
