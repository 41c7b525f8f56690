"""The chat page's files: plain HTML, CSS and JavaScript, served as they are."""
