-- Views of a corpus of pubmine for DuckDB 1.2 or newer. They read the log of the corpus whenever they are asked.
--   documents_current, mentions_current, …   rows of the highest version of each record, without deleted and superseded ones
--   superseded                               the rows (pmid, version, unit) that another record replaces, by_unit and why
--   pubmine_units                            the units of the edition that readers see, with their place in the history, and their
--                                            number among those of all releases

-- The log: the newest checkpoint, and the commits after it. A file has a second line, with the checksum of the first, and a copy that
-- takes its place if it is lost or damaged. DuckDB must list the log before the data files, which it does for patterns of one directory:
-- those of several are listed bit by bit while the query runs, and the log might then name a file that is not in the earlier list.
create or replace view pubmine_log as
with
twice as (
  from read_text('%CORPUS%/meta/log/*.json')
  union all
  from read_text('%CORPUS%/meta/copy/*.json')
),
files as materialized (select parse_filename(filename) as name, string_split(content, chr(10)) as lines from twice),
newest as (select coalesce(max(name), '') as name from files where suffix(name, '.checkpoint.json')),
needed as (
  select files.name, any_value(lines[1]) filter (lines[2] = '{"sha256":"' || sha256(lines[1]) || '"}') as line
  from files, newest
  where len(lines) = 3 -- else a crash cut it off: it was never published
    and (files.name = newest.name or not suffix(files.name, '.checkpoint.json') and files.name[:10] > newest.name[:10])
  group by files.name
)
select unnest(case
  when line is null then error('meta/log/' || name || ' is damaged: run pubmine verify')
  else from_json(line, '{
    "version": "BIGINT", "current": "BIGINT", "remove": ["VARCHAR"], "edition": {"id": "BIGINT"},
    "add": [{"name": "VARCHAR", "key": "VARCHAR", "units": [{"unit": "VARCHAR", "release": "VARCHAR", "sequence": "BIGINT"}]}],
    "editions": [{"id": "BIGINT", "parts": [
      {"name": "VARCHAR", "key": "VARCHAR", "units": [{"unit": "VARCHAR", "release": "VARCHAR", "sequence": "BIGINT"}]}]}]
  }')
end)
from needed;

create or replace view pubmine_units as
with
log as materialized (from pubmine_log),
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
select
  u.unit as unit, file, hash(file, u.unit) as id, (row_number() over (order by u."sequence", u.unit))::int as place,
  if(u.release = 'local', null, row_number() over (order by u.release, u."sequence", u.unit))::int as number
from (select file, unnest(p.units) as u from live);

-- Every version of every document in these units.
create or replace view pubmine_versions as
select d.pmid, d.version, u.unit, d.is_deleted, d.date_revised, u.id, u.place, u.number
from pubmine_units as u
join read_parquet('%CORPUS%/delta/documents/*.parquet', filename = true) as d
  on parse_filename(d.filename, true) = u.file and d.unit = u.unit;

-- Of the records with one pmid and version, those since the last deletion count, and of those in numbered files only the last one of the
-- newest release. The one that was revised last has the highest rank; if there is none, the deletion has. Two numbers packed into one
-- compare fast.
create or replace view pubmine_ranked as
select *, case
  when is_deleted then if(place = deletion, place, null)
  when place > coalesce(deletion, 0) and (number is null or number = newest)
  then (coalesce(date_revised - date '0001-01-01', 0) + 1) << 24 | place
end as rank
from (
  select *, max(place) filter (is_deleted) over same as deletion, max(number) filter (not is_deleted) over same as newest
  from pubmine_versions
  window same as (partition by pmid, version)
);

-- The highest version of each pmid that is not deleted.
create or replace view pubmine_current as
select pmid, arg_max(version, packed) as version, arg_max(id, packed) as id
from (select pmid, version, id, version::bigint << 48 | rank as packed from pubmine_ranked where not is_deleted and rank is not null)
group by pmid;

create or replace view superseded as
select pmid, version, unit, by_unit, if(by_deleted, 'deleted', 'revised') as reason
from (
  select
    pmid, version, unit, id, arg_max(id, rank) over same as by_id, arg_max(unit, rank) over same as by_unit,
    arg_max(is_deleted, rank) over same as by_deleted
  from pubmine_ranked
  window same as (partition by pmid, version)
)
where id <> by_id
union all
select s.pmid, s.version, s.unit, s.by_unit, s.reason
from pubmine_units as u
join read_parquet('%CORPUS%/delta/superseded/*.parquet', filename = true) as s
  on parse_filename(s.filename, true) = u.file and s.unit = u.unit;
