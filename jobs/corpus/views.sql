-- Views of a corpus of pubmine for DuckDB 1.2 or newer. They read the log of the corpus whenever they are asked.
--   documents_current, mentions_current, …   rows of the highest version of each record, without deleted and superseded ones
--   superseded                               the rows (pmid, version, unit) that a later record replaced, by_unit and why
--   pubmine_units                            the units of the edition that readers see, with their place in the history

-- The log: the newest checkpoint, and the commits after it. A file has a second line, with a checksum.
create or replace view pubmine_log as
select *
from read_json('%CORPUS%/meta/log/*.json', format = 'newline_delimited', maximum_object_size = 1000000000, columns = {
  "version": 'BIGINT', "current": 'BIGINT', "remove": 'VARCHAR[]',
  "edition": 'STRUCT(id BIGINT)',
  "add": 'STRUCT(name VARCHAR, "key" VARCHAR, units STRUCT(unit VARCHAR, "sequence" BIGINT)[])[]',
  "editions": 'STRUCT(id BIGINT, parts STRUCT(name VARCHAR, "key" VARCHAR, units STRUCT(unit VARCHAR, "sequence" BIGINT)[])[])[]'
})
where "version" is not null;

create or replace view pubmine_units as
with
log as materialized (
  select * from pubmine_log
  where "version" >= (select coalesce(max("version"), 0) from pubmine_log where editions is not null)
),
seen as (select "current" as id from log order by "version" desc limit 1),
checkpoint as (select "version", unnest(editions) as e from log where editions is not null),
added as (
  select "version", unnest(e.parts) as p from checkpoint where e.id = (select id from seen)
  union all
  select "version", unnest("add") as p from log where editions is null and edition.id = (select id from seen)
),
removed as (
  select "version", unnest("remove") as file from log where edition.id = (select id from seen)
),
live as (
  select p, p.name || '-' || p.key[1:8] as file
  from added
  where not exists (from removed as r where r.file = p.name || '-' || p.key[1:8] and r."version" > added."version")
  qualify row_number() over (partition by p.name order by "version" desc) = 1
)
select u.unit as unit, file, row_number() over (order by u."sequence", u.unit) as place
from (select file, unnest(p.units) as u from live);

-- Every version of every document in these units.
create or replace view pubmine_versions as
select d.pmid, d.version, u.unit, d.is_deleted, u.place
from pubmine_units as u
join read_parquet('%CORPUS%/delta/documents/*.parquet', filename = true) as d
  on parse_filename(d.filename, true) = u.file and d.unit = u.unit;

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
select s.pmid, s.version, s.unit, s.by_unit, s.reason
from pubmine_units as u
join read_parquet('%CORPUS%/delta/superseded/*.parquet', filename = true) as s
  on parse_filename(s.filename, true) = u.file and s.unit = u.unit;
