"""Pure text in, sentences out."""
