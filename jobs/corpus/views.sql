-- Views of a corpus of pubmine for DuckDB 1.2 or newer. They read the newest snapshot whenever they are asked.
--   documents_current, mentions_current, …   rows of the highest version of each record, without deleted and superseded ones
--   superseded                               the rows (pmid, version, unit) that a later record replaced, by_unit and why
--   pubmine_units                            the live units that readers see, with their place in the history

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

-- Every version of every document in these units.
create or replace view pubmine_versions as
select d.pmid, d.version, u.unit, d.is_deleted, u.place
from read_parquet('%CORPUS%/tables/documents/**/*.parquet', filename = true) as d
join pubmine_units as u on parse_filename(d.filename, true) = u.file;

-- The last unit with each (pmid, version), and of the versions that are not deleted the highest. Two numbers packed into one compare fast.
create or replace view pubmine_current as
select pmid, (max(packed) >> 32)::smallint as version, max(packed) & 4294967295 as place
from (
  select pmid, (version::bigint << 32) | (last // 2) as packed
  from (
    select pmid, version, max(place * 2 + is_deleted::int) as last
    from pubmine_versions
    group by pmid, version
  )
  where (last & 1) = 0
)
group by pmid;

create or replace view superseded as
select pmid, version, unit, by_unit, if(by_deleted, 'deleted', 'revised') as reason
from (
  select pmid, version, unit, lead(unit) over later as by_unit, lead(is_deleted) over later as by_deleted
  from pubmine_versions
  window later as (partition by pmid, version order by place)
)
where by_unit is not null
union all
select pmid, version, unit, by_unit, reason
from read_parquet('%CORPUS%/tables/superseded/**/*.parquet', filename = true)
where parse_filename(filename, true) in (select file from pubmine_units);
