"""What audited operations are called on pages. Pure data; services name operations in English.

``tests/liaison/test_ui_operations.py`` walks the code and fails when an operation has no name here, or a
name here no operation. Row changes outside any operation carry the SQL verb.
"""

from collections.abc import Mapping

OPERATION_NAMES: Mapping[str, str] = {
    "insert": "新增",
    "update": "修改",
    "delete": "删除",
}
