"""The push: from what an editor sends to what readers get."""
