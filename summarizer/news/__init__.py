"""The ``news`` method: sentences that are expected to share most with a person's summary."""
