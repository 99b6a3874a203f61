#!/usr/bin/env python3
"""Reads PubMed XML once more, with lxml, and compares every field of it with table documents of a corpus that pubmine made of the same
files. What a column holds is written down here a second time, from the DTD and from what the columns are documented to say.

    python xml_fields.py FOLDER CORPUS

Prints the records and fields compared and each difference, and fails if one is not argued for in ARGUED. Needs lxml and pyarrow."""

import argparse
import calendar
import collections
import datetime
import gzip
import hashlib
import pathlib
import re
import sys

import pyarrow.parquet
from lxml import etree

import corpus_log

# Differences that are right: (pmid, column) to the reason. There are none.
ARGUED = {}

MONTHS = [m.lower() for m in calendar.month_name]
SEASONS = {"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10, "1st": 1, "2nd": 4, "3rd": 7, "4th": 10}


def name(e):
    return e.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(e.tag, str) else ""


def pieces(e):
    """Yields the character data of an element: of MathML, only what its token elements hold."""
    math = name(e) == "math"
    if not math:
        yield e.text or ""
    for child in e:
        if math:
            yield from tokens(child)
        elif isinstance(child.tag, str):
            yield from pieces(child)
        if not math:
            yield child.tail or ""


def tokens(e):
    if name(e) in ("annotation", "annotation-xml") or not isinstance(e.tag, str):
        return
    token = name(e) in ("mi", "mn", "mo", "mtext", "ms", "ci", "cn")
    if token:
        yield (e.text or "").strip(" \t\r\n")
    for child in e:
        yield from tokens(child)
        if token:
            yield (child.tail or "").strip(" \t\r\n")


def text(e):
    return None if e is None else " ".join("".join(pieces(e)).split()) or None


def attr(e, key, default=None):
    return " ".join(e.get(key, "").split()) or default


def one(e, *paths):
    """Returns the first text at the first path that has one."""
    if e is not None:
        for path in paths:
            for found in e.iterfind(path):
                if text(found):
                    return text(found)
    return None


def every(e, path):
    return [] if e is None else [text(x) for x in e.iterfind(path) if text(x)]


def digits(s):
    return int(s) if s and re.fullmatch(r"[0-9]+", s) else 0


def month(s):
    if 1 <= digits(s) <= 12:
        return digits(s)
    if len(s or "") >= 3:
        for i, full in enumerate(MONTHS):
            if i and full.startswith(s.lower()):
                return i
    return 0


def day(e):
    """Returns the day of a date of numbers."""
    if e is None:
        return None
    m, d = one(e, "Month"), one(e, "Day")
    try:
        return datetime.date(digits(one(e, "Year")), month(m) if m else 1, digits(d) if d else 1)
    except ValueError:
        return None


def printed(e):
    return " ".join(filter(None, (one(e, k) for k in ("Year", "Month", "Day", "Season", "MedlineDate")))) or None


def published(e):
    """Returns year, first day and precision of a publication date, from all the words that are printed."""
    words, years, months, days, seasons = [], [], [], [], []
    medline = one(e, "MedlineDate")
    if medline is None:
        years, d = [digits(one(e, "Year"))], digits(one(e, "Day"))
        words = re.split(r"[ \-/,;.&–]+", " ".join(filter(None, (one(e, "Month"), one(e, "Season")))))
        if month(one(e, "Month")) and d:
            days = [d]
    else:
        words = re.split(r"[ \-/,;.&–]+", medline)
    after = False
    for word in words:
        n = digits(word)
        if 1000 <= n <= 9999:
            years.append(n)
            after = False
        elif 1 <= n <= 31 and (medline or not month(word)):
            days += [n] if after else []
        elif word.lower() in SEASONS:
            seasons.append(SEASONS[word.lower()])
            after = False
        elif month(word):
            months.append(month(word))
            after = True
    if not years or not 1 <= years[0] <= 9999:
        return None, None, None
    m, d, precision = 1, 1, "year"
    if months:
        m, precision = months[0], "season" if len(months) > 1 or len(years) > 1 or seasons else "month"
    elif seasons:
        m, precision = seasons[0], "season"
    if days and days[0] <= calendar.monthrange(years[0], m)[1]:
        d, precision = days[0], "day" if len(days) == 1 and precision == "month" else precision
    return years[0], datetime.date(years[0], m, d), precision


def orcid(s):
    s = s.rpartition("/")[2].replace("-", "")
    return "-".join(re.findall("....", s.upper())) if re.fullmatch(r"[0-9]{15}[0-9Xx]", s) else None


def person(e):
    own = [i for i in e.iterfind("Identifier") if attr(i, "Source") == "ORCID" and text(i)]
    return {
        "last_name": one(e, "LastName"),
        "fore_name": one(e, "ForeName", "FirstName"),
        "initials": one(e, "Initials"),
        "suffix": one(e, "Suffix"),
        "collective_name": one(e, "CollectiveName"),
        "orcid": next(filter(None, (orcid(text(i)) for i in own)), None),
        "affiliations": [text(a) for a in e.xpath("Affiliation|AffiliationInfo/Affiliation") if text(a)],
        "identifiers": [{"source": attr(i, "Source"), "id": text(i)} for i in e.xpath("Identifier|AffiliationInfo/Identifier") if text(i)],
        "valid": attr(e, "ValidYN") != "N",
        "equal_contrib": attr(e, "EqualContrib") == "Y",
    }


def people(e, path):
    return [person(p) for p in e.xpath(path)] if e is not None else []


AUTHORS = "AuthorList[not(normalize-space(@Type)='editors')]/*[self::Author or self::Investigator]"
EDITORS = "AuthorList[normalize-space(@Type)='editors']/*[self::Author or self::Investigator]"
INVESTIGATORS = "InvestigatorList/*[self::Author or self::Investigator]"


def locations(e):
    found = [] if e is None else [x for x in e.iterfind("ELocationID") if text(x)]
    return [{"type": attr(x, "EIdType"), "id": text(x), "valid": attr(x, "ValidYN") != "N"} for x in found]


def article_ids(elements):
    return [{"type": attr(x, "IdType", "pubmed"), "id": text(x)} for x in elements if text(x)]


def chosen(kind, ids):
    return next((i["id"] for i in ids if i["type"] == kind and i.get("valid", True)), None)


def mesh(e):
    flags = lambda x: {"ui": attr(x, "UI"), "name": text(x) or "", "major": attr(x, "MajorTopicYN") == "Y", "auto": attr(x, "AutoHM") == "Y"}
    heading = {"ui": None, "type": None, "name": "", "major": False, "auto": False}
    for d in e.iterfind("DescriptorName"):
        heading = flags(d) | {"type": attr(d, "Type")}
    return heading | {"qualifiers": [flags(q) for q in e.iterfind("QualifierName") if text(q)]}


def corrections(citation):
    both = citation.xpath("CommentsCorrectionsList/CommentsCorrections|CommentsCorrections")
    for e in both:
        for kind, c in [(attr(e, "RefType"), e)] if attr(e, "RefType") else [(name(c), c) for c in e if name(c)]:
            ids = [int(p) for p in every(c, "PMID") if re.fullmatch(r"[0-9]{1,10}", p) and 0 < int(p) < 1 << 31]
            yield {"ref_type": kind, "source": one(c, "RefSource"), "pmid": ids[-1] if ids else None, "note": one(c, "Note")}


def references(lists):
    """Yields the references in the order of the file, those of lists inside lists too."""
    for e in lists:
        for child in e:
            if name(child) == "Reference":
                yield {"citation": one(child, "Citation"), "article_ids": article_ids(child.iterfind("ArticleIdList/ArticleId"))}
            elif name(child) == "ReferenceList":
                yield from references([child])


def contents(sections, depth):
    for s in sections:
        labels = s.findall("LocationLabel")
        label = labels[-1] if labels else None
        kind = attr(label, "Type") if label is not None else None
        yield {"depth": depth, "label": text(label), "label_type": kind, "title": one(s, "SectionTitle") or ""}
        yield from contents(s.findall("Section"), depth + 1)


def bookish(document):
    b = document.find("Book")
    return {
        "title": one(b, "BookTitle"), "collection_title": one(b, "CollectionTitle"), "volume_title": one(b, "VolumeTitle"),
        "edition": one(b, "Edition"), "authors": people(b, AUTHORS), "investigators": people(b, INVESTIGATORS),
        "publisher": one(b, "Publisher/PublisherName"), "publisher_location": one(b, "Publisher/PublisherLocation"),
        "beginning_date": printed(b.find("BeginningDate")) if b is not None else None,
        "ending_date": printed(b.find("EndingDate")) if b is not None else None,
        "contribution_date": printed(document.find("ContributionDate")),
        "isbns": every(b, "Isbn"), "elocation_ids": locations(b), "medium": one(b, "Medium"), "report_number": one(b, "ReportNumber"),
        "locations": [{"type": attr(x, "Type"), "text": text(x)} for x in document.iterfind("LocationLabel") if text(x)],
        "contents": list(contents(document.xpath("Sections/Section"), 0)),
        "items": [{"list": attr(i.getparent(), "ListType"), "text": text(i)} for i in document.iterfind("ItemList/Item") if text(i)],
    }


def incomplete(lists):
    return any(attr(e, "CompleteYN") == "N" for e in lists)


def sections(title, parts):
    """Returns sections and abstract; offsets count code points of title + " " + abstract."""
    rows, at = [{"kind": "title", "label": None, "category": None, "doc_start": 0, "doc_end": len(title)}], len(title) + 1
    for e, t in parts:
        rows.append({"kind": "abstract", "label": attr(e, "Label"), "category": attr(e, "NlmCategory"), "doc_start": at, "doc_end": at + len(t)})
        at += len(t) + 1
    return rows, " ".join(t for _, t in parts)


def row(record):
    """Returns the row of a MedlineCitation or BookDocument, with what stands around it; None when it has no PMID."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", one(record, "PMID") or ""):
        return None
    book = name(record) == "BookDocument"
    citation = record  # where the lists of a citation stand
    article = record if book else record.find("Article")
    article = etree.Element("Article") if article is None else article
    around = record.getparent()
    data = around.find("PubmedBookData" if book else "PubmedData") if around is not None else None
    data = etree.Element("Data") if data is None else data
    issue = article.find("Journal/JournalIssue")
    own, b = ([], bookish(record)) if book else (locations(article), None)
    ids = article_ids(record.xpath("ArticleIdList/ArticleId") * book + data.xpath("ArticleIdList/ArticleId"))
    other = [{"source": attr(x, "Source"), "id": text(x)} for x in citation.iterfind("OtherID") if text(x)] if not book else []
    pmc = [o["id"].split(" ")[0] for o in other if o["source"] == "NLM" and o["id"].startswith("PMC")]
    authors, editors = people(article, AUTHORS), people(article, EDITORS)
    title, doi, pii = one(article, "ArticleTitle"), chosen("doi", own) or chosen("doi", ids), chosen("pii", own) or chosen("pii", ids)
    journal = one(article, "Journal/Title")
    if book:
        editors = people(record.find("Book"), EDITORS) + editors
        authors = authors or b["authors"] or editors
        if title is None:
            title, doi, pii = b["title"], doi or chosen("doi", b["elocation_ids"]), pii or chosen("pii", b["elocation_ids"])
        else:
            journal = b["title"]
    title = title or ""
    rows, abstract = sections(title, [(e, text(e)) for e in article.iterfind("Abstract/AbstractText") if text(e)])
    date = record.find("Book/PubDate") if book else article.find("Journal/JournalIssue/PubDate")
    year, first, precision = published(date)
    types = [{"ui": attr(x, "UI"), "name": text(x)} for x in article.iterfind("PublicationType" if book else "PublicationTypeList/PublicationType") if text(x)]
    notes = [] if book else list(corrections(citation))
    history = [{"status": attr(x, "PubStatus") or "", "date": day(x)} for x in data.iterfind("History/PubMedPubDate")]
    cited = list(references(record.findall("ReferenceList") * book + data.findall("ReferenceList")))
    stated = digits(one(citation, "NumberOfReferences")) if not book else 0
    affiliations = ([] if book else every(article, "Affiliation")) + [a for p in authors for a in p["affiliations"]]
    grants = article.xpath("GrantList/Grant")
    lists = article.findall("AuthorList") + (record.findall("Book/AuthorList") if book else [])
    start, end = one(article, "Pagination/StartPage"), one(article, "Pagination/EndPage")
    pages = start if end is None or end == start else (start or "") + "-" + end
    issn = article.find("Journal/ISSN") if not book else None
    issn = issn if text(issn) else None
    kinds = {n["ref_type"] for n in notes}
    journal_info = lambda path: None if book else one(citation, "MedlineJournalInfo/" + path)
    lone = lambda path: None if book else one(citation, path)
    each = lambda path: [] if book else citation.findall(path)
    return {
        "pmid": int(one(record, "PMID")), "version": digits(attr(record.find("PMID"), "Version", "1")),
        "title": title, "abstract": abstract, "sections": rows, "language": every(article, "Language"),
        "journal": journal, "journal_abbrev": one(article, "Journal/ISOAbbreviation") or journal_info("MedlineTA"),
        "issn": journal_info("ISSNLinking") or text(issn), "nlm_id": journal_info("NlmUniqueID"),
        "journal_issn": text(issn), "issn_type": attr(issn, "IssnType") if issn is not None else None,
        "medline_ta": journal_info("MedlineTA"), "journal_country": journal_info("Country"),
        "cited_medium": attr(issue, "CitedMedium") if issue is not None else None,
        "pub_model": None if book else attr(article, "PubModel"),
        "volume": one(record, "Book/Volume") if book else one(issue, "Volume"), "issue": one(issue, "Issue"),
        "pages": one(article, "Pagination/MedlinePgn") or pages,
        "pub_year": year, "pub_date_raw": printed(date), "pub_date": first, "pub_date_precision": precision,
        "article_dates": [] if book else [{"type": attr(x, "DateType", "Electronic"), "date": day(x)} for x in article.iterfind("ArticleDate")],
        "date_revised": day(record.find("DateRevised")), "date_completed": None if book else day(record.find("DateCompleted")),
        "doi": doi, "pmcid": chosen("pmc", ids) or (pmc[0] if pmc else None), "pii": pii,
        "article_ids": ids, "elocation_ids": own, "other_ids": other,
        "authors": authors, "authors_incomplete": incomplete(lists), "editors": editors,
        "affiliations": list(dict.fromkeys(affiliations)), "mesh": [mesh(x) for x in each("MeshHeadingList/MeshHeading")],
        "supplementary_mesh": [{"ui": attr(x, "UI"), "name": text(x), "type": attr(x, "Type")} for x in each("SupplMeshList/SupplMeshName") if text(x)],
        "chemicals": [chemical(x) for x in each("ChemicalList/Chemical")],
        "keywords": [{"text": text(x), "owner": attr(x.getparent(), "Owner", "NLM"), "major": attr(x, "MajorTopicYN") == "Y"}
                     for x in record.iterfind("KeywordList/Keyword") if text(x)],
        "citation_subsets": [text(x) for x in each("CitationSubset") if text(x)], "publication_types": types,
        "grants": [{"id": one(g, "GrantID"), "acronym": one(g, "Acronym"), "agency": one(g, "Agency"), "country": one(g, "Country")} for g in grants],
        "grants_incomplete": incomplete(article.findall("GrantList")),
        "data_banks": [{"name": one(x, "DataBankName") or "", "accessions": every(x, "AccessionNumberList/AccessionNumber")}
                       for x in article.iterfind("DataBankList/DataBank")],
        "data_banks_incomplete": incomplete(article.findall("DataBankList")),
        "comments_corrections": notes, "reference_count": len(cited) or min(stated, 1 << 20), "references": cited,
        "other_abstracts": [o for o in map(other_abstract, each("OtherAbstract")) if o["text"] or o["copyright"]],
        "vernacular_title": one(article, "VernacularTitle"), "copyright": one(article, "Abstract/CopyrightInformation"),
        "coi": lone("CoiStatement"), "history": history, "genes": [text(x) for x in each("GeneSymbolList/GeneSymbol") if text(x)],
        "investigators": people(record, INVESTIGATORS), "name_subjects": [person(x) for x in each("PersonalNameSubjectList/PersonalNameSubject")],
        "space_flight_missions": [text(x) for x in each("SpaceFlightMission") if text(x)],
        "general_notes": [{"owner": attr(x, "Owner", "NLM"), "text": text(x)} for x in each("GeneralNote") if text(x)],
        "objects": [{"type": attr(x, "Type"), "params": [{"name": attr(p, "Name"), "value": text(p)} for p in x.iterfind("Param") if text(p)]}
                    for x in data.iterfind("ObjectList/Object")],
        "owner": None if book else attr(citation, "Owner", "NLM"), "indexing_method": None if book else attr(citation, "IndexingMethod"),
        "version_id": None if book else attr(citation, "VersionID"), "version_date": None if book else attr(citation, "VersionDate"),
        "status": None if book else attr(citation, "Status"), "publication_status": one(data, "PublicationStatus"),
        "is_book": book, "book": b,
        "is_retracted": any(t["ui"] == "D016441" or t["name"] == "Retracted Publication" for t in types)
        or bool(kinds & {"RetractionIn", "RetractedandRepublishedIn"}) or any(h["status"] == "retracted" for h in history),
        "has_expression_of_concern": "ExpressionOfConcernIn" in kinds,
        "is_deleted": False, "text_sha256": hashlib.sha256((title + " " + abstract).encode()).hexdigest(), "source": "pubmed",
    }


def chemical(e):
    substance, registry = e.find("NameOfSubstance"), one(e, "RegistryNumber")
    return {"ui": attr(substance, "UI") if substance is not None else None, "name": text(substance) or "",
            "registry": None if registry == "0" else registry}


def other_abstract(e):
    return {"type": attr(e, "Type"), "language": attr(e, "Language", "eng"), "text": " ".join(every(e, "AbstractText")),
            "copyright": one(e, "CopyrightInformation")}


def read(path):
    """Returns the records of a file in order: rows, and (pmid, version) of deletions."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    # Some files use the prefix of MathML without declaring it: with recover the names stay as written.
    root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True, recover=True))
    for e in root.iter("MedlineCitation", "BookDocument", "DeleteCitation", "DeleteDocument"):
        if name(e).startswith("Delete"):
            yield from ((int(text(p)), digits(attr(p, "Version", "1"))) for p in e.iterfind("PMID"))
        else:
            yield row(e)


def documents(corpus):
    """Yields the digest of each unit's input, its documents, and how many records of it later ones of it revised."""
    for part in corpus_log.current(corpus).values():
        files = {f["table"]: corpus / f["path"] for f in part["files"]}
        rows = collections.defaultdict(list)
        for document in pyarrow.parquet.read_table(files["documents"]).to_pylist() if "documents" in files else []:
            rows[document["unit"]].append(document)
        for unit in part["units"]:
            yield unit["digest"], rows.pop(unit["unit"], []), unit["counts"]["rows"]["superseded"]
        if rows:
            sys.exit(f"{part['name']}: documents of units that it does not hold: {sorted(rows)}")


def key(record):
    """Returns PMID and version, by which the documents of a pack are sorted."""
    return record if isinstance(record, tuple) else (record["pmid"], record["version"])


def newest(records):
    """Returns the records less those that a later one with the same pmid and version replaces."""
    last = {key(r): i for i, r in enumerate(records)}
    return [r for i, r in enumerate(records) if last[key(r)] == i]


class Comparison:
    """Counts what was compared, and the differences by column."""

    def __init__(self):
        self.records = self.fields = self.argued = 0
        self.differ = collections.Counter()

    def deletion(self, want, got):
        self.that(want[0], "is_deleted", (*want, True), (got["pmid"], got["version"], got["is_deleted"]))

    def record(self, want, got):
        if missing := set(got) - set(want) - {"unit"}:
            sys.exit(f"columns that are not extracted: {sorted(missing)}")
        for column, value in want.items():
            self.that(want["pmid"], column, value, got[column])

    def that(self, pmid, column, want, got):
        self.fields += 1
        if want == got:
            return
        reason = ARGUED.get((pmid, column))
        self.argued += reason is not None
        if self.differ[column] < 3 or reason:
            print(f"{pmid} {column}: {reason or 'not argued for'}\n  XML     {clip(want)}\n  corpus  {clip(got)}")
        self.differ[column] += reason is None


def clip(value):
    return repr(value)[:400]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("corpus", type=pathlib.Path)
    args = parser.parse_args()
    paths = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted(args.folder.rglob("*")) if p.is_file()}
    c, files = Comparison(), 0
    for digest, got, superseded in documents(args.corpus):
        valid = [r for r in read(paths[digest]) if r is not None]
        want = newest(valid) if superseded else valid
        files += 1
        if len(want) != len(got) or len(valid) != len(got) + superseded:
            c.differ["number of records"] += 1
            print(f"{paths[digest]}: {len(valid)} records in the XML, {len(got)} and {superseded} revised in the corpus")
        for w, g in zip(sorted(want, key=key), sorted(got, key=key)):
            c.records += 1
            c.deletion(w, g) if isinstance(w, tuple) else c.record(w, g)
    print(f"{files} files, {c.records} records, {c.fields} fields compared: {sum(c.differ.values())} differ, {c.argued} more are argued for")
    if c.differ:
        sys.exit(f"differences by column: {dict(c.differ.most_common())}")


if __name__ == "__main__":
    main()
