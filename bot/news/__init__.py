"""Getting the news: feeds, pages, and what becomes of them."""
