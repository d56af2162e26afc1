"""Exporters are told of real cases on a real store: those of the runtime's tests."""

from tests.runtime.conftest import bench as bench
