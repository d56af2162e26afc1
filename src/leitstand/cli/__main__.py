"""What runs with ``python -m leitstand.cli``?"""

from leitstand.cli import main

main()
