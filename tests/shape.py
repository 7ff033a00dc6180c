"""The shape of the table of companies in the databases of a run."""

import os

import pytest

IS_PARTITIONED = os.environ.get("SHAPE") == "partitioned"
# For a test of how PostgreSQL reads or stores one table; what is answered is the same.
one_table = pytest.mark.skipif(IS_PARTITIONED, reason="how one table is read or stored")
