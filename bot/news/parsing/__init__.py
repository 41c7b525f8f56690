"""What feeds and pages have in common: markup, links, dates, and what is broken in them."""
