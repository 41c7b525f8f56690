"""The feeds that Newsgist knows beforehand: ``feeds.txt`` to search, ``suggested.txt`` for the first minute."""
