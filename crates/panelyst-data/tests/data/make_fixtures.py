"""Writes the binary and encoded fixtures of the reader tests, deterministically where the libraries allow it.

Needs pandas, pyarrow, openpyxl, and LibreOffice for the .xls and .ods copies:
    python make_fixtures.py
Text fixtures in UTF-8 are kept by hand beside this script.
"""

import datetime
import pathlib
import subprocess

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from decimal import Decimal

HERE = pathlib.Path(__file__).parent

# A table as a Chinese yearbook prints it.
YEARBOOK = """\
3-9 地区生产总值和年末人口,,,,,,
,,,,,,单位：亿元
地  区,地区生产总值,,,年末人口(万人),,
,2012年,2013年,２０１４年,2012年,2013年,２０１４年
全  国,"540,367.4","595,244.4","643,974.0",135404,136072,136782
北 京 市,"17,879.40","19,800.81","21,330.83",2069,2115,2152
内蒙古自治区,"15,880.58","16,916.50","17,770.19",2490,2498,2505
广西壮族自治区,"13,035.10","14,449.90","15,672.89",4682,4719,4754
山西省,"12,112.83","12,665.25","12,761.49①",3611,3630,3648
陕西省,"14,453.68",１６２０５．４５,"17,689.94",3753,3764,3775
西 藏②,701.03,815.67,920.83,308,312,…
新疆维吾尔自治区,"7,505.31","8,443.84",—,2233,2264,2298
① 第三次经济普查后的数据。
② 不含驻藏部队。
资料来源：国家统计局,《中国统计年鉴》
"""


def text_fixtures():
    (HERE / "yearbook-gb18030.csv").write_bytes(YEARBOOK.replace("\n", "\r\n").encode("gb18030"))
    plain = "省份,年份,产值\n北京,2003,1.5\n上海,2004,2.5\n"
    (HERE / "utf16le.csv").write_bytes(b"\xff\xfe" + plain.encode("utf-16-le"))
    (HERE / "utf16be.csv").write_bytes(b"\xfe\xff" + plain.encode("utf-16-be"))
    (HERE / "utf8-bom.csv").write_bytes(b"\xef\xbb\xbf" + plain.encode("utf-8"))
    (HERE / "latin1.csv").write_bytes("ville,population\nQuébec,531902\nMontréal,1704694\n".encode("latin-1"))


def workbooks():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Long"
    for row in [
        ["province", "year", "gdp", "listed", "date", "note"],
        ["Beijing", 2003, 5007.21, True, datetime.date(2003, 12, 31), None],
        [None, 2004, "6,033.21", True, datetime.date(2004, 12, 31), "revised"],
        ["Tianjin", 2003, "…", False, datetime.date(2003, 12, 31), None],
        [None, 2004, "=1/0", False, datetime.date(2004, 12, 31), None],
        ["Source: statistical yearbook"],
    ]:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("A4:A5")
    wide = book.create_sheet("Wide")
    wide["B2"] = "Table 1  Output and people"
    wide["B3"], wide["C3"], wide["E3"] = "State", "Output (million US dollars)", "People"
    wide.merge_cells("C3:D3")
    wide.merge_cells("E3:F3")
    wide.merge_cells("B3:B4")
    for column, year in zip("CDEF", [1970, 1971, 1970, 1971]):
        wide[f"{column}4"] = year
    for at, row in enumerate([["United States", 30, 33, 300, 303], ["Ohio", 10, 11, 100, 101], ["Utah", 20, 22, 200, None]]):
        for column, value in zip("BCDEF", row):
            wide[f"{column}{5 + at}"] = value
    wide["B8"] = "a) Rough figures."
    turned = book.create_sheet("Turned")
    for row in [["Year", "Ohio", "Utah"], [1970, 10, 20], [1971, 11, "n/a"]]:
        turned.append(row)
    book.create_sheet("Blank")
    book.save(HERE / "book.xlsx")
    # LibreOffice computes the formula and writes the other formats.
    for kind in ["xlsx", "xls", "ods"]:
        target = HERE if kind != "xlsx" else HERE / "computed"
        subprocess.run(["soffice", "--headless", "--convert-to", kind, "--outdir", target, HERE / "book.xlsx"], check=True)
    (HERE / "computed" / "book.xlsx").replace(HERE / "book.xlsx")
    (HERE / "computed").rmdir()


def columnar():
    table = pa.table(
        {
            "province": pa.array(["Beijing", "Tianjin", None]).dictionary_encode(),
            "year": pa.array([2003, 2003, 2004], pa.int16()),
            "gdp": pa.array([5007.21, float("nan"), None], pa.float64()),
            "share": pa.array([Decimal("0.25"), Decimal("0.50"), None], pa.decimal128(10, 2)),
            "day": pa.array([datetime.date(2003, 12, 31)] * 3, pa.date32()),
            "coastal": pa.array([True, False, None]),
            "empty": pa.nulls(3),
            "parts": pa.array([[1], [2], []], pa.list_(pa.int64())),
        }
    )
    pq.write_table(table, HERE / "table.parquet", compression="zstd")
    with pa.OSFile(str(HERE / "table.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    with pa.OSFile(str(HERE / "table.arrows"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    infinite = pa.table({"x": pa.array([1.0, float("inf")])})
    pq.write_table(infinite, HERE / "infinite.parquet")


def stata():
    frame = pd.DataFrame(
        {
            "prov": pd.Series([11, 12, 13], dtype="int16"),
            "kind": pd.Series([1, 2, 9], dtype="int8"),
            "name": ["Beijing", "Tianjin", ""],
            "gdp": [5007.21, float("nan"), 6921.29],
            "rate": pd.Series([0.5, 1.5, 2.5], dtype="float32"),
            "day": pd.to_datetime(["2003-12-31", "1960-01-01", "1959-12-31"]),
            "remark": ["x" * 3000, "short", "无"],
        }
    )
    frame.to_stata(
        HERE / "table.dta",
        write_index=False,
        version=118,
        convert_dates={"day": "td"},
        variable_labels={"gdp": "Gross domestic product", "prov": "地区"},
        value_labels={"prov": {11: "北京", 12: "天津", 13: "河北"}, "kind": {1: "one", 2: "two"}},
        convert_strl=["remark"],
        time_stamp=datetime.datetime(2020, 1, 1),
    )
    old = frame[["prov", "gdp", "name"]]
    old.to_stata(HERE / "old.dta", write_index=False, version=114, time_stamp=datetime.datetime(2020, 1, 1))
    # pandas writes `.` only; the missing code `.a` differs from it in one byte of a double.
    content = (HERE / "old.dta").read_bytes()
    system, extended = bytes.fromhex("000000000000e07f"), bytes.fromhex("000000000001e07f")
    assert content.count(system) == 1
    (HERE / "old.dta").write_bytes(content.replace(system, extended))


text_fixtures()
workbooks()
columnar()
stata()
