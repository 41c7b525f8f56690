"""``python -m bot`` is ``newsgist``."""

from bot.cli import main

if __name__ == "__main__":
    main()
