select offence_group, count(distinct person_id) from charges group by offence_group order by offence_group nulls last
