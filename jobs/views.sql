-- Views of a corpus of pubmine for DuckDB 1.2 or newer. They read the newest snapshot whenever they are asked.
--   documents_current, mentions_current, …   rows of records that no later unit revised or deleted, in the highest version
--   superseded                               the rows (pmid, version, unit) that a later record replaced, by_unit and why
--   pubmine_units                            the live units and their order

create or replace view pubmine_units as
select u.unit as unit, u.unit || '-' || u.key[1:8] as file, coalesce(u.sequence, 0) as sequence
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

-- What each live unit says of each document.
create or replace view pubmine_words as
select pmid, version, d.unit as unit, is_deleted, sequence
from read_parquet('%CORPUS%/tables/documents/**/*.parquet', filename = true) as d
join pubmine_units as u on parse_filename(d.filename, true) = u.file;

-- The last word on each document, and of the documents that are left the highest version.
create or replace view pubmine_current as
select pmid, max(version) as version, max_by(unit, version) as unit
from (
  select pmid, version, max_by(unit, (sequence, unit)) as unit, max_by(is_deleted, (sequence, unit)) as is_deleted
  from pubmine_words
  group by pmid, version
)
where not is_deleted
group by pmid;

create or replace view superseded as
select pmid, version, unit, by_unit, if(by_deleted, 'deleted', 'revised') as reason
from (
  select pmid, version, unit, lead(unit) over later as by_unit, lead(is_deleted) over later as by_deleted
  from pubmine_words
  window later as (partition by pmid, version order by sequence, unit)
)
where by_unit is not null
union all
select pmid, version, unit, by_unit, reason
from read_parquet('%CORPUS%/tables/superseded/**/*.parquet', filename = true)
where parse_filename(filename, true) in (select file from pubmine_units);
