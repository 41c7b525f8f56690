"""From what people type to feeds."""
