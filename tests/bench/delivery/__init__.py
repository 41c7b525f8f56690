"""Delivery beside its peers: cost, pace, planning, claims, and a broadcast with a ban and a kill in it."""
