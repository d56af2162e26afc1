"""Own a database until killed. Run with: path, address."""

import sys
import time
from pathlib import Path

from leitstand.stores.sqlite import open_store
from leitstand.testing.store_contract import now

stores = open_store(Path(sys.argv[1]), address=sys.argv[2], clock=now)
print("ready", flush=True)
time.sleep(60)
