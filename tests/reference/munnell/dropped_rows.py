"""Rows of tests/canonical/munnell.csv (from 0) that are left out to unbalance the panel.

Run in this folder: python dropped_rows.py > dropped_rows.csv
"""

import random

generator = random.Random(20240517)
print("row")
for row in sorted(generator.sample(range(816), 180)):
    print(row)
