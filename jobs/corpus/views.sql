-- Views of a corpus of pubmine for DuckDB 1.2 or newer. They read the newest snapshot whenever they are asked.
--   documents_current, mentions_current, …   rows of records that no later unit revised or deleted, in the highest version
--   superseded                               the rows (pmid, version, unit) that a later record replaced, by_unit and why
--   pubmine_units                            the live units that are to be seen, with their place in the history

create or replace view pubmine_units as
select u.unit as unit, u.unit || '-' || u.key[1:8] as file, row_number() over (order by coalesce(u.sequence, 0), u.unit) as place
from (
  select seen, unnest(units) as u
  from (
    select release as seen, units
    from read_json('%CORPUS%/meta/snapshots/*.json', maximum_object_size = 1000000000,
      columns = {number: 'BIGINT', "release": 'VARCHAR', units: 'STRUCT(unit VARCHAR, "release" VARCHAR, "key" VARCHAR, "sequence" BIGINT)[]'})
    order by number desc limit 1
  )
)
where seen is null or u.release in (seen, 'local');

-- What each of these units says of each document.
create or replace view pubmine_words as
select d.pmid, d.version, u.unit, d.is_deleted, u.place
from read_parquet('%CORPUS%/tables/documents/**/*.parquet', filename = true) as d
join pubmine_units as u on parse_filename(d.filename, true) = u.file;

-- The last word on each document, and of the documents that are left the highest version. Two numbers in one compare fast.
create or replace view pubmine_current as
select pmid, (max(word) >> 32)::smallint as version, max(word) & 4294967295 as place
from (
  select pmid, (version::bigint << 32) | (last // 2) as word
  from (
    select pmid, version, max(place * 2 + is_deleted::int) as last
    from pubmine_words
    group by pmid, version
  )
  where (last & 1) = 0
)
group by pmid;

create or replace view superseded as
select pmid, version, unit, by_unit, if(by_deleted, 'deleted', 'revised') as reason
from (
  select pmid, version, unit, lead(unit) over later as by_unit, lead(is_deleted) over later as by_deleted
  from pubmine_words
  window later as (partition by pmid, version order by place)
)
where by_unit is not null
union all
select pmid, version, unit, by_unit, reason
from read_parquet('%CORPUS%/tables/superseded/**/*.parquet', filename = true)
where parse_filename(filename, true) in (select file from pubmine_units);
