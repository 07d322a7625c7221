select borough, count(*) from arrests group by borough order by borough nulls last
