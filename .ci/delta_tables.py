#!/usr/bin/env python3
"""Opens Delta Lake tables with deltalake, polars, pandas and DuckDB, and compares them with the Parquet files that they must consist of.

The tables are those that the test TestTables of package delta leaves in a directory: delta/TABLE/ and what is expected of it,
delta/TABLE.json. Every version that the log still has must have the rows of its files, nested columns included, and the others must be
refused; a filter must not lose rows to the statistics; vacuum must list exactly the removed files; other programs must not be able to
write. Needs deltalake, polars, pandas, pyarrow and duckdb; with --spark also pyspark and delta-spark."""

import argparse
import json
import pathlib
import sys

import deltalake
import duckdb
import polars
import pyarrow
import pyarrow.parquet
from polars.testing import assert_frame_equal


class Failed(Exception):
    """A reader saw something else than the files."""


def check(holds, what):
    if not holds:
        raise Failed(what)


def refused(read, what):
    """Checks that a call fails, and not as a check does."""
    try:
        read()
    except Failed:
        raise
    except Exception:
        return
    raise Failed(what)


def rows_of(path, files, schema):
    """Reads the Parquet files themselves."""
    frames = [polars.read_parquet(path / f) for f in files]
    return polars.concat(frames) if frames else schema.clear()


def in_order(frame):
    """Sorts rows by all that identifies them: readers may return files in any order."""
    return frame.with_columns(polars.struct(polars.all()).hash().alias("hash")).sort("hash").drop("hash")


def check_version(path, version, files, schema):
    """Compares a version with its files, in every reader. Returns its rows."""
    want = in_order(rows_of(path, files, schema))
    table = deltalake.DeltaTable(path, version=version)
    found = sorted(str(pathlib.Path(f).relative_to(path)) for f in table.file_uris())
    check(found == sorted(files), f"version {version}: files {found}, not {files}")
    assert_frame_equal(in_order(polars.scan_delta(str(path), version=version).collect()), want)
    arrow = table.to_pyarrow_table()
    assert_frame_equal(in_order(polars.from_arrow(arrow)), want)
    check(arrow.schema.names == want.columns, f"version {version}: columns {arrow.schema.names}")
    check(len(table.to_pandas(columns=["pmid"])) == want.height, f"version {version}: pandas")
    data = table.to_pyarrow_dataset()
    seen = duckdb.sql("select count(*), count(*) filter (pmid > 0) from data").fetchall()[0]
    positive = want.filter(polars.col("pmid") > 0)
    check(seen == (want.height, positive.height), f"version {version}: DuckDB counts {seen}")
    filtered = polars.scan_delta(str(path), version=version).filter(polars.col("pmid") > 0).collect()
    assert_frame_equal(in_order(filtered), in_order(positive))
    return want.height


def check_schema(path, files):
    """Compares the schema of the log with that of a file: names, types and nullability, at any depth."""
    log = pyarrow.schema(deltalake.DeltaTable(path).schema().to_arrow())
    file = pyarrow.parquet.read_schema(path / files[0])
    check(plain(log) == plain(file), f"schemas differ:\n{plain(log)}\n{plain(file)}")


def plain(schema):
    return [described(field) for field in schema]


def described(field):
    """Describes a field without the names of list elements, the widths of offsets and field metadata."""
    t = field.type
    if pyarrow.types.is_list(t) or pyarrow.types.is_large_list(t):
        kind = ("list", described(t.value_field)[1:])
    elif pyarrow.types.is_struct(t):
        kind = ("struct", [described(t.field(i)) for i in range(t.num_fields)])
    else:
        kind = str(t).removeprefix("large_").removesuffix("_view")
    return (field.name, kind, field.nullable)


def check_table(path):
    """Checks a table. Returns the number of versions and of rows that were compared."""
    expected = json.loads(path.with_name(path.name + ".json").read_text())
    versions, first = expected["Versions"], expected["First"]
    check_schema(path, expected["Removed"])
    schema = polars.read_parquet(path / expected["Removed"][0])
    check(deltalake.DeltaTable(path).version() == len(versions) - 1, "not the newest version")
    rows = 0
    for version, files in enumerate(versions):
        if version < first:
            refused(lambda: deltalake.DeltaTable(path, version=version), f"version {version} of {first} can be read")
        else:
            rows += check_version(path, version, files, schema)
    removed = sorted(expected["Removed"])
    for full in (False, True):
        listed = deltalake.DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, full=full)
        check(sorted(listed) == removed, f"vacuum lists {listed}, not {removed}")
    history = deltalake.DeltaTable(path).history()
    check(len(history) == len(versions) - first, f"a history of {len(history)} versions")
    check(history[0]["operationParameters"] == {"edition": "1"}, f"history: {history[0]}")
    log = sorted((path / "_delta_log").iterdir())
    refused(lambda: deltalake.write_deltalake(path, schema.to_arrow(), mode="append"), "deltalake can append")
    refused(lambda: deltalake.DeltaTable(path).delete(), "deltalake can delete rows")
    check(sorted((path / "_delta_log").iterdir()) == log, "deltalake changed the log")
    return len(versions) - first, rows


def check_spark(paths, warehouse):
    """Compares every version with its files in Spark."""
    from delta import configure_spark_with_delta_pip
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "1").config("spark.databricks.delta.snapshotPartitions", "1")
    builder = builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    builder = builder.config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    builder = builder.config("spark.sql.warehouse.dir", str(warehouse.resolve()))
    try:
        spark = configure_spark_with_delta_pip(builder).getOrCreate()
    except PySparkException as failure:
        print(f"skipped: Spark does not start, it needs Java and the library of Delta Lake from Maven: {failure}")
        return
    spark.sparkContext.setLogLevel("ERROR")
    for path in paths:
        expected = json.loads(path.with_name(path.name + ".json").read_text())
        for version in range(expected["First"], len(expected["Versions"])):
            files = [str(path / f) for f in expected["Versions"][version]]
            seen = spark.sql(f"select * from delta.`{path}` version as of {version}")
            want = spark.read.parquet(*files) if files else seen.limit(0)
            check(seen.count() == want.count(), f"{path}: version {version}: {seen.count()} rows in Spark")
            check(seen.exceptAll(want).isEmpty(), f"{path}: version {version}: other rows in Spark")
        refused(lambda: spark.sql(f"delete from delta.`{path}`"), "Spark can delete rows")
        print(f"{path}: every version agrees in Spark {spark.version}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spark", action="store_true", help="also read the documents with Spark")
    parser.add_argument("directory", type=pathlib.Path)
    args = parser.parse_args()
    paths = sorted(p.with_suffix("").resolve() for p in args.directory.glob("**/delta/*.json"))
    if not paths:
        sys.exit(f"{args.directory}: no tables")
    total = [0, 0]
    for path in paths:
        try:
            total = [sum(t) for t in zip(total, check_table(path))]
        except (Failed, AssertionError) as failure:
            sys.exit(f"{path}: {failure}")
    print(f"{len(paths)} tables in {total[0]} versions: {total[1]} rows agree in deltalake, polars, pandas and DuckDB")
    if args.spark:
        documents = [p for p in paths if p.name == "documents"]  # the table with the most types; each takes a minute
        check_spark(documents, args.directory / "spark-warehouse")


if __name__ == "__main__":
    main()
