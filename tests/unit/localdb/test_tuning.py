"""The server's settings follow the machine, within bounds."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from foxreviews.localdb.machine import GIB, MIB, Machine, memory
from foxreviews.localdb.tuning import render, settings

MACHINE = Machine(memory=8 * GIB, cores=4, free_disk=100 * GIB, shared_memory=4 * GIB, linux=True)


def values(machine: Machine, socket_folder: str = "/x/socket") -> dict[str, str]:
    return {each.name: each.value for each in settings(machine, socket_folder=socket_folder, port=5432)}


def test_a_machine_of_8_gib_gets_the_sizes_of_the_scaling_plan():
    chosen = values(MACHINE)
    assert chosen["shared_buffers"] == "2048MB"
    assert chosen["effective_cache_size"] == "6144MB"
    assert chosen["maintenance_work_mem"] == "512MB"
    assert chosen["work_mem"] == "32MB"


def test_what_the_server_takes_is_capped_so_that_a_laptop_stays_usable():
    chosen = values(replace(MACHINE, memory=256 * GIB, cores=64, free_disk=4000 * GIB))
    assert chosen["shared_buffers"] == "4096MB"
    assert chosen["maintenance_work_mem"] == "1024MB"
    assert chosen["work_mem"] == "64MB"
    assert chosen["max_wal_size"] == "8192MB"
    assert chosen["max_parallel_maintenance_workers"] == "4"


def test_a_nearly_full_disk_gets_little_wal():
    assert values(replace(MACHINE, free_disk=2 * GIB))["max_wal_size"] == "256MB"


@given(st.builds(Machine, st.integers(256 * MIB, 1024 * GIB), st.integers(1, 256), st.integers(0, 9000 * GIB),
                 st.none() | st.integers(0, 64 * GIB), st.booleans()))  # fmt: skip
def test_no_machine_is_asked_for_more_memory_than_it_has(machine):
    chosen = values(machine)
    taken = sum(int(chosen[name].removesuffix("MB")) for name in ("shared_buffers", "maintenance_work_mem"))
    assert taken * MIB <= max(machine.memory * 3 // 4, 192 * MIB)


def test_a_container_with_little_shared_memory_uses_files_instead():
    assert values(replace(MACHINE, shared_memory=64 * MIB))["dynamic_shared_memory_type"] == "mmap"
    assert "dynamic_shared_memory_type" not in values(MACHINE)


def test_reading_ahead_is_set_only_where_the_system_has_it():
    assert "effective_io_concurrency" in values(MACHINE)
    assert "effective_io_concurrency" not in values(replace(MACHINE, linux=False))


def test_no_setting_gives_up_durability():
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(values(MACHINE))


def test_every_setting_says_why():
    lines = render(settings(MACHINE, socket_folder="/x", port=5432)).splitlines()
    set_here = [at for at, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert set_here
    assert all(lines[at - 1].startswith("# ") for at in set_here)


def test_a_path_with_quotes_and_spaces_is_one_path():
    text = render(settings(MACHINE, socket_folder='/a b/it\'s "here"', port=5432))
    assert """unix_socket_directories = '"/a b/it''s ""here""\"'""" in text


def test_a_containers_limit_counts_as_its_memory(tmp_path: Path):
    (tmp_path / "memory.max").write_text("536870912\n")
    assert memory(tmp_path) == 512 * MIB


def test_the_limit_of_an_older_kernel_counts_too(tmp_path: Path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("536870912\n")
    assert memory(tmp_path) == 512 * MIB


def test_no_limit_means_all_the_memory_there_is(tmp_path: Path):
    (tmp_path / "memory.max").write_text("max\n")
    assert memory(tmp_path) == memory(tmp_path / "nothing") > 0
