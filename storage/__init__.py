"""Where everything that must survive a crash is kept."""
