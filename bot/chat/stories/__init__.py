"""What people do with news: have it summarised, read it, keep it, search it."""
