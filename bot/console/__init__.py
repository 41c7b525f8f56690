"""What the command line does besides running the bot: texts, single fetches, the check-up."""
