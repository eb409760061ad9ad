"""Timelines: what happened to patients, and when (laboratory results, visits, diagnoses, treatments)."""
