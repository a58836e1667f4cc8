"""A process of its own that reads one .sav file: bytes in, an Arrow stream out.

The C library behind pyreadstat ends its whole process on some damaged files (one flipped byte in a hundred
did). It is run as a script and imports nothing of this package, so that starting it stays cheap.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pyarrow as pa
import pyreadstat

UNREADABLE = 2
"""Exit status when the library says why it cannot read the file; the reason is on standard error."""


def main(encoding: str, row_limit: str) -> int:
    """Read standard input in an encoding, or in the one that the file states when it is empty."""
    try:
        columns, meta = pyreadstat.read_sav(
            io.BytesIO(sys.stdin.buffer.read()),
            encoding=encoding or None,
            user_missing=True,
            disable_datetime_conversion=True,
            output_format="dict",
            row_limit=int(row_limit),
        )
        table = pa.Table.from_arrays([pa.array(cells) for cells in columns.values()], names=list(columns))
        content = table.replace_schema_metadata({"sav": json.dumps(described(meta))})
    except Exception as error:  # the message is all that can cross to the parent
        sys.stderr.write(str(error))
        return UNREADABLE
    with pa.ipc.new_stream(sys.stdout.buffer, content.schema) as stream:
        stream.write_table(content)
    return 0


def described(meta: Any) -> dict[str, Any]:
    """Return what the file says about its columns, in types that JSON knows."""
    return {
        "encoding": meta.file_encoding or "",
        "rows": meta.number_rows,
        "labels": [label or "" for label in meta.column_labels],
        "formats": [meta.original_variable_types[name] for name in meta.column_names],
        "values": {name: list(labels.items()) for name, labels in meta.variable_value_labels.items()},
        "missing": {
            name: [(ends["lo"], ends["hi"]) for ends in ranges]
            for name, ranges in meta.missing_ranges.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
